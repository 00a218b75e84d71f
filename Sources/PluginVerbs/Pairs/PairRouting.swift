internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

// The routes to addresses of allowed address pairs: those that several have at once, and those outside of the subnets.

extension Node {
  /// What the store says that the gateway of an instance has to be told.
  func pairRoutes(of instance: String) throws -> [PairRoute] {
    try PairRoute.routes(store.transaction { try $0.routedPairs(network: instance) })
  }

  /// Makes the gateway's routes to these prefixes what they should be. The instance's lock is held.
  ///
  /// - Parameters:
  ///   - ports: own addresses of those who have or had them.
  ///   - counts: which of the recorded pairs count; those that do not are about to go.
  ///   - record: records that they have gone, before anybody else looks.
  func routePairs(
    _ prefixes: Set<IPPrefix>, of ports: [IPAddress], in instance: PlacedInstance,
    where counts: (RoutedPair) -> Bool = { _ in true }, record: ((AttachmentTransaction) throws -> Void)? = nil
  ) throws {
    let lock = try locks.pairs(instance.name)
    defer { try? lock.removeFile() }
    let change = try store.transaction { transaction in
      try PairRouteChange(prefixes, of: ports, network: instance.name, where: counts, transaction)
    }
    if try !change.isEmpty && !instance.changePairRoutes(change) {
      // Of the others it has lost something too.
      let all = try store.transaction { try $0.routedPairs(network: instance.name) }
      try instance.routePairs(PairRoute.routes(all.filter(counts)))
    }
    if let record { try store.transaction(record) }
  }

  /// The same for an attachment that has just been made or removed.
  ///
  /// - Parameter instances: those that it is in; others, which are gone, need no routes.
  func routePairs(of attachment: Attachment, in instances: [PlacedInstance]) throws {
    for instance in instances where instance.isRouter {
      let interfaces = attachment.interfaces.filter { $0.instance == instance.name && $0.hasRoutedPairs }
      if interfaces.isEmpty { continue }
      try routePairs(
        Set(interfaces.flatMap(\.routedPairs).map(\.prefix)),
        of: interfaces.flatMap(\.addresses).map(\.address.address),
        in: instance)
    }
  }

  /// Tells other instances, and the pods of this one, of what an attachment has outside of its subnets.
  ///
  /// After a failure the attachment is undone.
  func announceOutsidePairs(of attachment: Attachment, _ call: PluginCall, _ pod: KernelNamespace) throws {
    guard attachment.hasOutsidePairs else { return }
    do {
      try reportFailures(applyDefinitions())
    } catch {
      let failure = CNIError(converting: error)
      if let recorded = try leftover(containerID: attachment.containerID, interfaceName: attachment.interfaceName) {
        try cleanUp(recorded, pod: pod, event: nil)
      }
      throw failure
    }
  }

  /// Tells them that an attachment is gone. What cannot be told now is told by the next call that can.
  func withdrawOutsidePairs() throws {
    do {
      guard let node = try withWholeConfiguration(note: "withdrawing routes to allowed address pairs") else { return }
      try reportFailures(node.applyDefinitions())
    } catch {
      log.write(
        .warning, "cannot withdraw routes to allowed address pairs", ["reason": "\(CNIError(converting: error))"])
    }
  }

  func reportFailures(_ failures: [String]) {
    for failure in failures { log.write(.warning, "a pod's routes could not be changed", ["reason": failure]) }
  }
}

extension PairRouteChange {
  fileprivate init(
    _ prefixes: Set<IPPrefix>, of ports: [IPAddress], network: String, where counts: (RoutedPair) -> Bool,
    _ transaction: AttachmentTransaction
  ) throws {
    self.init()
    self.ports = ports
    var isNested = false
    for prefix in prefixes.sorted(by: { ($0.address, $0.length) < ($1.address, $1.length) }) {
      let routes = PairRoute.routes(try transaction.routedPairs(network: network, prefix: prefix).filter(counts))
      wanted += routes
      if routes.isEmpty { gone.append(prefix) }
      isNested = try isNested || transaction.isNested(prefix, network: network)
    }
    let all = isNested ? try transaction.routedPairs(network: network).filter(counts) : []
    if isNested { nested = all.filter(\.isShared).map(\.prefix) }
    for port in ports {
      // It is the next hop to prefixes of its own family.
      let shared = try transaction.sharedPairs(network: network, of: port).filter { $0.prefix.family == port.family }
      if !shared.contains(where: counts) { idle.append(port) }
    }
  }
}

extension PairRoute {
  /// One route a prefix, in order.
  fileprivate static func routes(_ pairs: [RoutedPair]) -> [PairRoute] {
    var holders: [IPPrefix: [IPAddress]] = [:]
    for pair in pairs {
      let own = pair.addresses.first { $0.family == pair.prefix.family }
      holders[pair.prefix, default: []] += pair.isShared ? own.map { [$0] } ?? [] : []
    }
    return holders.map { PairRoute(prefix: $0.key, holders: Set($0.value).sorted()) }
      .sorted { ($0.prefix.address, $0.prefix.length) < ($1.prefix.address, $1.prefix.length) }
  }
}
