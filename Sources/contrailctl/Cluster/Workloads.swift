internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

/// The pods that are attached to networks, read from the records of their ADDs.
struct Workloads: NetworkUse {
  private let reader: AttachmentReader
  private let clusterName: String

  init(_ reader: AttachmentReader, clusterName: String) {
    self.reader = reader
    self.clusterName = clusterName
  }

  /// The workloads by name, a page at a time.
  ///
  /// - Parameter groupedByNamespace: whether the namespace comes before the name in the order.
  func pages(
    namespace: String?, groupedByNamespace: Bool = true, _ size: Int, _ body: ([Workload]) throws -> Void
  ) throws {
    // One workload of several ADDs is told whole, so a page ends between workloads.
    let groups = try groups(namespace: namespace, groupedByNamespace: groupedByNamespace) { _ in true }
    for start in stride(from: 0, to: groups.count, by: size) {
      let page = try workloads(groups[start..<min(start + size, groups.count)])
      if !page.isEmpty { try body(page) }
    }
  }

  func all(namespace: String?) throws -> [Workload] {
    var workloads: [Workload] = []
    try pages(namespace: namespace, 1000) { workloads += $0 }
    return workloads
  }

  /// The workloads that a view of this name can be of.
  func attachments(whoseNameIsIn name: String) throws -> [Workload] {
    try workloads(groups(namespace: nil, groupedByNamespace: true) { name.contains($0.workloadName) }[...])
  }

  /// The workloads of a pod, the latest last: a new attempt may have started before the old one is gone.
  func attachments(ofPod pod: String, namespace: String) throws -> [Workload] {
    try workloads(groups(namespace: namespace, groupedByNamespace: true) { $0.pod.name == pod }[...])
      .sorted { $0.created < $1.created }
  }

  func interfaces(in network: ObjectKey, limit: Int) throws -> [InterfaceInUse] {
    let path = network.path
    return try reader.attachments(network: path, limit: limit).flatMap { attachment in
      let pod = attachment.pod
      let name = pod.name.isEmpty ? "container \(attachment.containerID)" : "\(pod.namespace)/\(pod.name)"
      return attachment.interfaces.filter { $0.network == path }.map { interface in
        InterfaceInUse(
          pod: name, interface: interface.name,
          addresses: interface.addresses.map { AddressInUse($0.address, gateway: $0.gateway) })
      }
    }
  }

  // MARK: From records to workloads

  private typealias Group = [AttachmentReader.Key]

  /// The keys of each workload, in order.
  private func groups(
    namespace: String?, groupedByNamespace: Bool, _ isWanted: (AttachmentReader.Key) -> Bool
  ) throws -> [Group] {
    var groups: [String: Group] = [:]
    for key in try reader.keys() where isWanted(key) && (namespace.map { $0 == key.pod.namespace } ?? true) {
      groups[key.identity, default: []].append(key)
    }
    return groups.values.sorted { left, right in
      let (left, right) = (left[0], right[0])
      let namespaces = (listingOrder(left.pod.namespace), listingOrder(right.pod.namespace))
      if groupedByNamespace && namespaces.0 != namespaces.1 { return namespaces.0 < namespaces.1 }
      // Names of views go on with a hyphen.
      let names = (left.workloadName + "-", right.workloadName + "-")
      return names.0 == names.1 ? left.id < right.id : names.0 < names.1
    }
  }

  private func workloads(_ groups: ArraySlice<Group>) throws -> [Workload] {
    let attachments = try reader.attachments(groups.joined())
    var byIdentity: [String: [Attachment]] = [:]
    for attachment in attachments { byIdentity[attachment.identity, default: []].append(attachment) }
    return groups.compactMap { group in
      byIdentity[group[0].identity].map { Workload($0, clusterName: clusterName) }
    }
  }
}

/// What namespaces are ordered by, as in Kubernetes: `a-b` goes before `a`, because `a-b/x` goes before `a/x`.
func listingOrder(_ namespace: String) -> String { namespace + "/" }

extension AttachmentReader.Key {
  fileprivate var workloadName: String { pod.name.isEmpty ? containerID : pod.name }
  /// What the calls of ADD for one start of one pod have in common.
  fileprivate var identity: String { "\(containerID)/\(pod.uid)" }
}

extension Attachment {
  fileprivate var identity: String { "\(containerID)/\(pod.uid)" }
}
