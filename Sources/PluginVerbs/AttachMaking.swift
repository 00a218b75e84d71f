internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// The way when an instance was not there, or not as it is wanted: whoever comes first makes it, the others find it made.
  /// All of them attach beside each other.
  func attachMakingInstances(
    _ attachment: Attachment, _ wish: Wish, _ pod: KernelNamespace, _ call: PluginCall
  ) throws {
    do {
      return try withMadeInstances(wish.instances) { made in
        let instances = wish.instances.compactMap { wanted in made.first { $0.instance.name == wanted.name }?.instance }
        try attach(attachment, to: instances, made.map(\.wanted), in: pod, call)
      }
    } catch DataplaneError.instanceMissing {
      log.write(.info, "a routing instance has lost a part and is made anew", ["container": call.containerID])
    }
    let names = wish.instances.map(\.name)
    try withInstances(names, exclusive: Set(names)) {
      let wanted = try refreshed(wish.instances)
      let mended = try wanted.map { wanted in
        try makeAndReport(wanted, try store.transaction { transaction in try transaction.instance(wanted.name) })
      }
      try attach(attachment, to: mended, wanted, in: pod, call)
    }
  }

  private typealias MadeInstance = (instance: PlacedInstance, wanted: WantedInstance)

  /// Runs `body` with the locks of the instances shared, in the order of their names, after each was made if it had to be.
  ///
  /// Only who makes an instance has its lock alone, and only meanwhile. The pending record that the caller made keeps
  /// anybody from removing it.
  private func withMadeInstances(
    _ wanted: [WantedInstance], _ made: [MadeInstance] = [], _ body: ([MadeInstance]) throws -> Void
  ) throws {
    guard let next = wanted.min(by: { $0.name < $1.name }) else { return try body(made) }
    let lock = try locks.instance(next.name, .intent)
    defer { extendLifetime(lock) }
    // What was read before the lock was taken may have been changed, and made so, meanwhile.
    let current = try refreshed([next])[0]
    let record = try store.transaction { transaction in try transaction.instance(next.name) }
    let instance: PlacedInstance
    if let record, record.fingerprint == current.fingerprint, let open = try open(record, as: current) {
      instance = open
    } else {
      try locks.makeExclusive(lock)
      instance = try makeAndReport(current, record)
    }
    try lock.share()
    try withMadeInstances(wanted.filter { $0.name != next.name }, made + [(instance, current)], body)
  }

  private func makeAndReport(_ wanted: WantedInstance, _ record: InstanceRecord?) throws -> PlacedInstance {
    let (instance, untold) = try make(wanted, record: record)
    reportFailures(untold)
    return instance
  }
}
