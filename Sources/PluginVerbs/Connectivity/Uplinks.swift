internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

/// How a network of its own namespace and the node are to reach each other.
struct UplinkPlan: Equatable {
  let hasOwnAddresses: Bool
  let access: Uplink.Access
  let isOpenToNode: Bool

  /// Pods' default networks are open to the node, which asks whether pods are well. Those of isolated namespaces reach
  /// services; any network reaches the outside if it is said so. Where there is no gateway there is no way to it.
  init?(_ network: NetworkFacts) {
    guard network.forwardingMode != .l2 else { return nil }
    let isIsolated = network.role == .isolatedPods
    isOpenToNode = isIsolated || network.podNetwork
    hasOwnAddresses = network.fabricForwarding
    access = network.fabricSNAT || network.fabricForwarding ? .outside : isIsolated ? .services : .answers
    if access == .answers && !isOpenToNode { return nil }
  }

  /// For an instance's fingerprint.
  var fingerprint: String { "uplink \(access.rawValue) own \(hasOwnAddresses) open \(isOpenToNode)" }
}

extension Node {
  var uplinkSettings: UplinkSettings { UplinkSettings(linkLocalServices: configuration.linkLocalServices) }

  /// How the node reaches the pods of an instance.
  func nodeUplink(_ record: InstanceRecord) -> NodeUplink? {
    guard record.uplink != 0, record.isOpenToNode else { return nil }
    return NodeUplink(number: record.uplink, sources: uplinkSettings.nodeAddresses)
  }

  /// Makes an instance's uplink what is wanted. The instance's lock is held exclusively.
  ///
  /// - Parameters:
  ///   - number: of the uplink that it has or is to have; 0 for neither.
  ///   - pods: the main interfaces of the attached pods.
  func settleUplink(
    _ number: UInt32, of wanted: WantedInstance, in instance: KernelNamespace, pods: [Port]
  ) throws {
    if number == 0 { return }
    let lock = try locks.uplinks()
    defer { extendLifetime(lock) }
    guard wanted.uplink != nil else {
      if try kernel.removeUplink(number: number, in: instance) { try lock.removeFile() }
      return
    }
    try kernel.ensureUplink(
      uplink(number, of: wanted), in: instance, uplinkSettings, pods: pods.flatMap(\.addresses).map(\.address))
  }

  /// The uplink of that number as the definitions want it.
  func uplink(_ number: UInt32, of wanted: WantedInstance) throws(CNIError) -> Uplink {
    guard let addresses = uplinkSettings.addresses(number: number) else {
      throw CNIError(
        .tryAgainLater, "network \(wanted.name): the node has no number left for an uplink",
        "as many networks as the transit networks have addresses have one")
    }
    return Uplink(
      name: wanted.name, number: number, prefixes: wanted.routing.subnets.map(\.prefix), mtu: wanted.routing.mtu,
      translation: wanted.uplink?.hasOwnAddresses == true ? .own : .node(by: addresses),
      access: wanted.uplink?.access ?? .answers, isOpenToNode: wanted.uplink?.isOpenToNode ?? false,
      connectionLimit: wanted.routing.connectionLimit, checksSources: wanted.routing.checksSources)
  }

  /// Takes the uplink of an instance away that is about to be removed.
  func removeUplink(_ record: InstanceRecord) throws {
    if record.uplink == 0 { return }
    let lock = try locks.uplinks()
    defer { extendLifetime(lock) }
    if try kernel.removeUplink(number: record.uplink, in: nil) { try lock.removeFile() }
  }
}
