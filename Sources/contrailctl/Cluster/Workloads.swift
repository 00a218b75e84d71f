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

  /// What a listing is ordered by.
  enum Order {
    case namespaceAndName
    /// For kinds without namespaces.
    case name
  }

  /// The workloads a page at a time: nothing is locked while a page is in use. Those of one pod are in one page.
  ///
  /// Kept in memory are the number and the name of every attachment, and one page.
  func pages(
    namespace: String?, order: Order = .namespaceAndName, _ size: Int, _ body: ([Workload]) throws -> Void
  ) throws {
    try pages(of: entries(order) { key in namespace.map { $0 == key.listedNamespace } ?? true }, order, size, body)
  }

  /// The workloads of a name, the latest last: a new attempt may have started before the old one is gone.
  ///
  /// - Parameter namespace: `nil` for all.
  func named(_ name: some StringProtocol, namespace: String?) throws -> [Workload] {
    let wanted = String(name)
    let entries = try entries(.namespaceAndName) { key in
      key.workloadName == wanted && (namespace.map { $0 == key.listedNamespace } ?? true)
    }
    var found: [Workload] = []
    try pages(of: entries, .namespaceAndName, 250) { found += $0 }
    return found.sorted { $0.created < $1.created }
  }

  func interfaces(in network: ObjectKey, limit: Int) throws -> [InterfaceInUse] {
    let path = network.path
    return try reader.attachments(network: path, limit: limit).flatMap { attachment in
      let pod = attachment.pod
      let name =
        pod.name.isEmpty ? "container \(attachment.containerID)" : "\(listedNamespace(pod.namespace))/\(pod.name)"
      return attachment.interfaces.filter { $0.network == path }.map { interface in
        InterfaceInUse(
          pod: name, interface: interface.name,
          addresses: interface.addresses.map { AddressInUse($0.address, gateway: $0.gateway) })
      }
    }
  }

  // MARK: From records to workloads

  private struct Entry {
    let id: Int64
    let place: String
  }

  /// The attachments in the order of the listing.
  private func entries(_ order: Order, _ isWanted: (AttachmentReader.Key) -> Bool) throws -> [Entry] {
    var entries: [Entry] = []
    try reader.keys { page in
      for key in page where isWanted(key) {
        let place = order.place(key.podNamespace, key.podName, key.containerID)
        entries.append(Entry(id: key.id, place: place))
      }
    }
    entries.sort { $0.place == $1.place ? $0.id < $1.id : $0.place < $1.place }
    return entries
  }

  private func pages(
    of entries: [Entry], _ order: Order, _ size: Int, _ body: ([Workload]) throws -> Void
  ) throws {
    var rest = entries[...]
    while !rest.isEmpty {
      var page = rest.prefix(size)
      // A pod of several ADDs is told whole.
      while let next = rest.dropFirst(page.count).first, next.place == page.last?.place {
        page = rest.prefix(page.count + 1)
      }
      let workloads = groups(page, try reader.attachments(page.map(\.id)), order).map {
        Workload($0, clusterName: clusterName)
      }
      if !workloads.isEmpty { try body(workloads) }
      rest = rest.dropFirst(page.count)
    }
  }

  /// The attachments of each workload: what the calls of ADD for one start of one pod made.
  private func groups(_ entries: ArraySlice<Entry>, _ attachments: [Attachment?], _ order: Order) -> [[Attachment]] {
    var groups: [[Attachment]] = []
    var place = ""
    var start = 0
    for (entry, attachment) in zip(entries, attachments) {
      // The number may be another attachment's by now.
      guard let attachment,
        order.place(attachment.pod.namespace, attachment.pod.name, attachment.containerID) == entry.place
      else { continue }
      if entry.place != place { (place, start) = (entry.place, groups.count) }
      if let index = groups[start...].firstIndex(where: { isSameStart($0[0], attachment) }) {
        groups[index].append(attachment)
      } else {
        groups.append([attachment])
      }
    }
    return groups
  }

  private func isSameStart(_ one: Attachment, _ other: Attachment) -> Bool {
    one.containerID == other.containerID && one.pod.uid == other.pod.uid
  }
}

extension Workloads.Order {
  /// A text that is smaller for what comes earlier. As in Kubernetes, `a-b/x` comes before `a/x`; names of views go on
  /// with a hyphen.
  fileprivate func place(_ namespace: String, _ pod: String, _ container: String) -> String {
    let name = pod.isEmpty ? container : pod
    return switch self {
    case .namespaceAndName: "\(listedNamespace(namespace))/\(name)-"
    case .name: "\(name)-\0\(listedNamespace(namespace))"
    }
  }
}

/// The namespace that a pod is listed in: `default` where the runtime knows of none.
func listedNamespace(_ namespace: String) -> String { namespace.isEmpty ? "default" : namespace }

extension AttachmentReader.Key {
  fileprivate var workloadName: String { podName.isEmpty ? containerID : podName }
  fileprivate var listedNamespace: String { contrailctl.listedNamespace(podNamespace) }
}
