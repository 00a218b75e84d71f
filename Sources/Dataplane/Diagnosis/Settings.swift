internal import LinuxSystem
package import NetworkAddresses

extension KernelNamespace {
  /// The parameters of a routing instance's own namespace that are not as they were set.
  package func settingProblems(of instance: RoutingInstance) throws(DataplaneError) -> [String] {
    try differences(from: InstanceSettings.wanted(forwarding: instance.isRouter))
  }

  /// Whether the node forwards for these families.
  package func forwardingProblems(_ families: Set<IPFamily>) throws(DataplaneError) -> [String] {
    try differences(
      from: families.map { ($0 == .v4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding", "1") }.sorted {
        $0.0 < $1.0
      })
  }

  func differences(from wanted: [(String, String)]) throws(DataplaneError) -> [String] {
    try inside("read kernel parameters") { () throws(Errno) in
      var found: [String] = []
      for (path, value) in wanted {
        let present: String
        do throws(Errno) { present = String(decoding: try Sysctl(path).read(), as: UTF8.self) } catch {
          // A kernel without IPv6, or without packet filtering on bridges, has no such parameter.
          if error == .noSuchFile { continue }
          throw error
        }
        if present != value { found.append("\(path) is \(present) instead of \(value)") }
      }
      return found
    }
  }
}
