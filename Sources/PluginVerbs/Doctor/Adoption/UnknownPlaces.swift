internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

/// A namespace with interfaces that the store does not know.
struct UnknownPlace {
  /// Empty for the node's own.
  let pin: String
  let kernel: KernelNamespace
  let ends: [HostEnd]
  let network: NodeNetwork
  let wanted: WantedInstance
  let isRecorded: Bool
}

extension Adoption {
  func unknownPlaces() throws -> [UnknownPlace] {
    let (records, known, outside) = try node.store.transaction { transaction in
      (
        try transaction.instances().compactMap { try transaction.instance($0) },
        Set(try transaction.attachments().flatMap(\.interfaces).map(\.hostName)), try transaction.outsidePairs()
      )
    }
    let files = try node.allPins().sorted()
    var places: [UnknownPlace] = []
    for pin in [""] + files.map({ "\(node.pins)/\($0)" }) {
      guard let place = pin.isEmpty ? node.kernel.node : node.kernel.instanceNamespace(at: pin) else { continue }
      let ends = try place.hostEnds().known.filter { !known.contains($0.name) }
      if ends.isEmpty { continue }
      let record = records.first { $0.pin == pin } ?? InstanceRecord(name: networkName(ofPin: pin), pin: pin)
      let network = try node.definitions.read { reader in
        try NetworkDirectory(node.configuration, reader, mtu: try node.podMTU()).network(of: record)
      }
      guard let network, NodeNames.pin(ofNetwork: network.name) == NodeNames.pin(ofNetwork: record.name) else {
        note(
          "network \(record.name) of \(ends.count) interfaces is not defined: apply its definition, and fix again",
          of: ends)
        continue
      }
      places.append(
        UnknownPlace(
          pin: pin, kernel: place, ends: ends, network: network, wanted: WantedInstance(network, outside),
          isRecorded: records.contains { $0.pin == pin }))
    }
    return places
  }

  /// A namespace's name has no full stop.
  private func networkName(ofPin pin: String) -> String {
    if pin.isEmpty { return NetworkName.defaultPodNetwork(clusterName: node.configuration.clusterName).description }
    let file = pin.utf8.dropFirst(node.pins.utf8.count + 1)
    let parts = file.split(separator: UInt8(ascii: "."), maxSplits: 1).map { String(Substring($0)) }
    return parts.joined(separator: "/")
  }

  func record(of place: UnknownPlace) throws -> InstanceRecord {
    let numbers = try place.kernel.linkNumbers()
    let routing = place.wanted.routing
    return InstanceRecord(
      name: place.network.name, pin: place.pin, identity: place.pin.isEmpty ? nil : place.kernel.identity,
      bridgeIndex: try place.kernel.bridgeFound()?.index ?? 0,
      // What is in a namespace of its own is made again; the node's is compared part by part.
      fingerprint: place.pin.isEmpty ? place.wanted.fingerprint : "", vni: numbers.vni, mode: routing.mode.rawValue,
      checksSources: routing.checksSources, uplink: numbers.uplink,
      isOpenToNode: place.wanted.uplink?.isOpenToNode ?? false)
  }
}
