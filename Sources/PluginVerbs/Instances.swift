internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

// The routing instances of an attachment: their locks, and how records become open instances.

extension InstanceRecord {
  var forwardingMode: RoutingInstance.ForwardingMode { .init(rawValue: mode) ?? .l2AndL3 }

  var placement: RoutingInstance.Placement { .pinned(at: pin) }
}

extension RoutingInstance.Placement {
  /// The placement whose namespace this file pins; the node's own without one.
  static func pinned(at path: String) -> Self {
    guard let slash = path.lastIndex(of: "/") else { return .node }
    return .pinned(directory: String(path[..<slash]), name: String(path[path.index(after: slash)...]))
  }
}

extension RoutingInstance {
  /// The file that pins the instance's namespace; empty for the node's own.
  var pin: String {
    if case .pinned(let directory, let name) = placement { "\(directory)/\(name)" } else { "" }
  }
}

extension Node {
  /// Runs `body` with the locks of the instances held, taken in the order of their names.
  func withInstances<Result>(
    _ names: [String], exclusive: Set<String> = [], _ body: () throws -> Result
  ) throws -> Result {
    guard let name = names.min() else { return try body() }
    let lock = try locks.instance(name, exclusive.contains(name) ? .exclusive : .shared)
    defer { extendLifetime(lock) }
    return try withInstances(names.filter { $0 != name }, exclusive: exclusive, body)
  }

  /// Opens an instance that the store says is made; `nil` if it was not made yet.
  ///
  /// - Parameter wanted: the same one, as the definitions want it, for who attaches to it.
  func open(_ record: InstanceRecord, as wanted: WantedInstance? = nil) throws -> PlacedInstance? {
    guard record.bridgeIndex != 0 else { return nil }
    let placement = record.placement
    if placement != .node && record.identity == nil { return nil }
    let placed = PlacedInstance(
      name: record.name, kernel: try kernel.open(placement, recorded: record.identity), bridge: record.bridgeIndex,
      delivery: Delivery(placement, record.forwardingMode), checksSources: record.checksSources,
      isRouter: placement == .node || record.forwardingMode != .l2,
      gateways: wanted?.routing.gatewayAddresses ?? [])
    placed.nodeUplink = nodeUplink(record)
    return placed
  }

  /// Makes an instance, or mends it, connects it, tells its pods, and records what it is. Its lock is held exclusively.
  ///
  /// - Returns: also the pods that could not be told, and why.
  func make(_ wanted: WantedInstance, record: InstanceRecord?) throws -> (instance: PlacedInstance, untold: [String]) {
    let kernel = try kernel.open(wanted.routing.placement, recorded: record?.identity)
    var made = InstanceRecord(
      name: wanted.name, pin: wanted.routing.pin,
      identity: wanted.routing.placement == .node ? nil : kernel.identity, bridgeIndex: record?.bridgeIndex ?? 0,
      vni: wanted.connection?.vni ?? record?.vni ?? 0, mode: wanted.routing.mode.rawValue,
      checksSources: wanted.routing.checksSources, uplink: record?.uplink ?? 0,
      isOpenToNode: wanted.uplink?.isOpenToNode ?? false)
    let others = try store.transaction { transaction in
      if wanted.uplink != nil && made.uplink == 0 {
        made.uplink = try transaction.freeUplink(from: UplinkNames.firstNumber)
      }
      // The namespace is known before anything is in it; the bridge, if there was one, until it is another.
      try transaction.record(made)
      return try transaction.attachments(instance: wanted.name)
    }
    let attached = others.filter { $0.state == .attached }
    let ports = attached.flatMap { $0.ports(in: wanted.name, wanted.routing.mode) }
    let placed = try self.kernel.ensure(wanted.routing, in: kernel, ports: ports)
    try settleUplink(made.uplink, of: wanted, in: kernel, pods: ports.filter(\.isMain))
    if wanted.uplink == nil { made.uplink = 0 }
    placed.nodeUplink = nodeUplink(made)
    // Nobody else does it meanwhile: that takes the instance's lock as well.
    try placed.routePairs(pairRoutes(of: wanted.name))
    try connect([(wanted, kernel)])
    let untold = updateRoutes(of: attached, in: wanted, kernel)
    made.bridgeIndex = placed.bridge
    made.vni = wanted.connection?.vni ?? 0
    made.fingerprint = wanted.fingerprint
    try store.transaction { transaction in try transaction.record(made) }
    return (placed, untold)
  }

  /// Removes the routing instances that nothing is attached to: what a process that died at the end of its work left.
  func removeUnusedInstances() throws {
    let unused = try store.transaction { transaction in
      try removeForgottenInstances(transaction)
      return try transaction.instances().filter { try !transaction.isInUse(instance: $0) }
    }
    for instance in unused { try removeIfUnused(instance) }
    try removeForgottenLocks()
  }

  /// Removes the lock files of what nothing is recorded of: a process that died before it recorded it, or after it
  /// removed the record, left them. Whoever waits for a lock on a removed file takes another.
  ///
  /// - Parameter containers: whether those of containers are looked at too.
  func removeForgottenLocks(containers: Bool = false) throws {
    for file in try forgottenLocks(containers: containers) { try locks.removeIfFree(file) }
  }

  /// The lock files of what nothing is recorded of, those that somebody holds included.
  func forgottenLocks(containers: Bool) throws -> [String] {
    let files = try locks.files().filter { containers || !locks.isOfContainer($0) }
    if files.isEmpty { return [] }
    let known = try store.transaction { transaction in
      var known = Set(try transaction.instances().map { Locks.file(ofInstance: $0) })
      if try transaction.instance(InstanceRecord.transit) != nil { known.insert(Locks.transitFile) }
      if try transaction.hasUplinks() { known.insert(Locks.uplinksFile) }
      if containers { known.formUnion(try transaction.containerIDs().map { locks.file(ofContainer: $0) }) }
      return known
    }
    return files.filter { !known.contains($0) }
  }

  /// Removes a routing instance without attachments, unless somebody is about to use it.
  func removeIfUnused(_ name: String) throws {
    guard let lock = try locks.instanceIfFree(name) else { return }
    let (isUnused, record) = try store.transaction { transaction in
      (try !transaction.isInUse(instance: name), try transaction.instance(name))
    }
    guard isUnused else { return extendLifetime(lock) }
    if let record {
      try disconnect([record.vni])
      try removeUplink(record)
      try kernel.remove(record.placement)
      try store.transaction { transaction in try transaction.removeInstance(name) }
    }
    try lock.removeFile()
  }
}
