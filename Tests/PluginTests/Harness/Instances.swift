import Glibc
import JSON
import Testing

// The routing instances of user networks on a node: pinned namespaces.

extension Node {
  private var pinDirectory: String { "\(runDirectory)/netns" }

  /// The names of the pins, `namespace.network`, in order.
  func pins() throws -> [String] { try visibleEntries(of: pinDirectory) }

  /// The namespace of a user network's routing instance.
  func instance(_ pin: String) -> NetworkNamespace { NetworkNamespace(name: pin, path: "\(pinDirectory)/\(pin)") }

  func instances() throws -> [NetworkNamespace] { try pins().map(instance) }

  /// The host ends in an instance.
  func hostEnds(in pin: String) throws -> [String] {
    try instance(pin).linkNames().filter { $0.hasPrefix("vmi") }.sorted()
  }

  /// The mount points below the node's directory, in the order in which they were made.
  func mounts() throws -> [String] {
    try readFile("/proc/self/mountinfo").lines.compactMap { line in
      let fields = line.split(separator: " ")
      return fields.count > 4 && fields[4].hasPrefix(directory) ? String(fields[4]) : nil
    }
  }

  /// The lock files of containers and instances; that of the store stays.
  func locks() throws -> [String] { try visibleEntries(of: "\(runDirectory)/locks").filter { $0 != "store" } }

  /// Attaches a pod to networks and removes it: their pools are known, the directory of pins is there.
  func warmUp(networks: String) throws {
    let pod = try makePod()
    try add(pod, configuration(networks: networks))
    try delete(pod)
    destroy(pod)
  }
}

extension JSONValue {
  /// The names of the interfaces inside the pod, in the order of the result.
  var inside: [String] {
    self["interfaces"]?.array?.filter { $0["sandbox"] != nil }.compactMap { $0["name"]?.string } ?? []
  }

  /// What one interface got, as the result's network-status says.
  func status(_ interface: String) -> JSONValue? {
    let text = self["k8s.v1.cni.cncf.io/network-status"]?.string ?? ""
    return (try? JSONValue(parsing: text))?.array?.first { $0["interface"]?.string == interface }
  }
}
