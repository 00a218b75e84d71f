internal import CNI
internal import Dataplane
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// The way when an instance was not there: whoever comes first makes it, the others find it made.
  func attachMakingInstances(
    _ attachment: Attachment, _ wish: Wish, _ pod: KernelNamespace, _ call: PluginCall, missing: Set<String>
  ) throws {
    var exclusive = missing
    while true {
      let others = try withInstances(wish.instances.map(\.name), exclusive: exclusive) {
        try attach(attachment, wish, pod, call, making: exclusive)
      }
      if others.isEmpty { return }
      exclusive.formUnion(others)
    }
  }

  /// - Parameter exclusive: the instances that may be made, because their locks are held exclusively.
  /// - Returns: those that have to be made as well, before anything was attached.
  private func attach(
    _ attachment: Attachment, _ wish: Wish, _ pod: KernelNamespace, _ call: PluginCall, making exclusive: Set<String>
  ) throws -> Set<String> {
    // What was read before the locks were taken may have been changed, and made so, meanwhile.
    let wanted = try refreshed(wish.instances)
    let records = try store.transaction { transaction in try wanted.map { try transaction.instance($0.name) } }
    let stale = Set(zip(wanted, records).filter { $0.fingerprint != $1?.fingerprint }.map(\.0.name))
    if !stale.isSubset(of: exclusive) { return stale }
    let instances = try zip(wanted, records).compactMap { wanted, record in
      if let record, !stale.contains(wanted.name) { return try open(record, as: wanted) }
      return try makeAndReport(wanted, record)
    }
    do {
      try attach(attachment, to: instances, wanted, in: pod, call)
      return []
    } catch DataplaneError.instanceMissing {
      let all = Set(wanted.map(\.name))
      if !all.isSubset(of: exclusive) { return all }
      log.write(.info, "a routing instance has lost a part and is made anew", ["container": call.containerID])
    }
    let mended = try wanted.map { wanted in
      try makeAndReport(wanted, try store.transaction { transaction in try transaction.instance(wanted.name) })
    }
    try attach(attachment, to: mended, wanted, in: pod, call)
    return []
  }

  private func makeAndReport(_ wanted: WantedInstance, _ record: InstanceRecord?) throws -> PlacedInstance {
    let (instance, untold) = try make(wanted, record: record)
    reportFailures(untold)
    return instance
  }
}
