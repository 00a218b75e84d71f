internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

/// Takes in pods that run and that the store does not know: records of them, made from the kernel.
final class Adoption {
  let node: Node
  /// What could not be taken in, and why.
  private(set) var failures: [String] = []
  /// The containers of which something could not.
  private var incomplete: Set<String> = []

  init(_ node: Node) { self.node = node }

  func note(_ failure: String, of ends: [HostEnd]) {
    failures.append(failure)
    incomplete.formUnion(ends.map(\.containerID))
  }

  /// Records what the kernel has of such pods, so that their addresses are theirs and a DEL removes them.
  ///
  /// - Returns: what could not be taken in, and why.
  func run() throws -> [String] {
    try node.locks.makeDirectory()
    let places = try unknownPlaces()
    if places.isEmpty { return failures }
    let pods = try node.kernel.podEnds(of: places.flatMap(\.ends))
    let containers = Set(places.flatMap(\.ends).map(\.containerID)).sorted()
    let names = places.map(\.network.name)
    try withContainers(containers[...]) {
      try node.withInstances(names, exclusive: Set(names)) {
        let found = try places.flatMap { try interfaces(in: $0, pods) }
        // A part of an attachment is none.
        let whole = attachments(found).filter { !incomplete.contains($0.containerID) }
        let used = Set(whole.flatMap(\.interfaces).map(\.network))
        try node.store.transaction { transaction in
          for place in places where !place.isRecorded && used.contains(place.network.name) {
            try transaction.record(try record(of: place))
          }
          for attachment in whole { try adopt(attachment, places, transaction) }
          try recordTransit(transaction)
        }
      }
    }
    return failures
  }

  private func withContainers(_ ids: ArraySlice<String>, _ body: () throws -> Void) throws {
    guard let id = ids.first else { return try body() }
    let lock = try node.locks.container(id)
    defer { extendLifetime(lock) }
    try withContainers(ids.dropFirst(), body)
  }

  private func adopt(
    _ attachment: Attachment, _ places: [UnknownPlace], _ transaction: AttachmentTransaction
  ) throws {
    let isRecorded = try transaction.isRecorded(
      containerID: attachment.containerID, interfaceName: attachment.interfaceName, podUID: "")
    if isRecorded {
      return failures.append(
        "container \(attachment.containerID) has another \(attachment.interfaceName) recorded")
    }
    for interface in attachment.interfaces {
      guard let network = places.first(where: { $0.network.name == interface.network })?.network else { continue }
      let holder = Holder(
        owner: attachment.containerID, interface: interface.name, label: "container \(attachment.containerID)")
      for address in interface.addresses.map(\.address.address) {
        guard let pool = network.pools.first(where: { $0.family == address.family }) else { continue }
        var addresses = transaction.pool(pool.name)
        if let other = try addresses.holder(of: address) {
          try transaction.releaseAddresses(of: attachment)
          return failures.append(
            "container \(attachment.containerID): \(address) is also \(other.label.isEmpty ? other.owner : other.label)'s: "
              + "restart one of them")
        }
        _ = try pool.allocate([address], for: holder, in: &addresses)
      }
    }
    try transaction.record(attachment)
  }

  private func recordTransit(_ transaction: AttachmentTransaction) throws {
    let path = "\(node.pins)/\(TransitNames.namespace)"
    guard try transaction.instance(InstanceRecord.transit) == nil, try !transaction.connectedInstances().isEmpty,
      let found = node.kernel.instanceNamespace(at: path)
    else { return }
    try transaction.record(InstanceRecord(name: InstanceRecord.transit, pin: path, identity: found.identity))
  }
}
