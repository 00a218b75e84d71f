internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

extension NodeNetwork {
  /// Refuses pairs that the network has no use for.
  ///
  /// - Parameter source: how messages call who asks.
  func check(_ pairs: [AllowedAddressPair], source: String) throws(CNIError) {
    for pair in pairs {
      guard subnet(pair.prefix.family) != nil else {
        throw refusal(pair, source, "network \(name) has no \(pair.prefix.family) subnet")
      }
      if let mac = pair.mac, NodeNames.isReserved(mac) {
        throw refusal(pair, source, "the MAC is kept for gateways and links")
      }
      for pool in pools where pair.isHost && pair.prefix.address == pool.subnets[0].gateway {
        throw refusal(pair, source, "it is the gateway of network \(name)")
      }
    }
  }

  /// Refuses single addresses and MACs that another interface of the network has.
  func refuseOthersAddresses(
    _ pairs: [AllowedAddressPair], of holder: Holder, source: String, _ transaction: AttachmentTransaction
  ) throws {
    for case let mac? in Set(pairs.map(\.mac)) {
      guard let other = try transaction.holder(of: mac, network: name), other.containerID != holder.owner,
        let pair = pairs.first(where: { $0.mac == mac })
      else { continue }
      // The bridge would send the other's frames here.
      let pod =
        other.pod.name.isEmpty ? "container \(other.containerID)" : "pod \(other.pod.namespace)/\(other.pod.name)"
      throw refusal(pair, source, "it is the MAC of \(pod)")
    }
    for pair in pairs where pair.isHost {
      for pool in pools where pool.family == pair.prefix.family {
        var addresses = transaction.pool(pool.name)
        guard let other = try addresses.holder(of: pair.prefix.address), other.owner != holder.owner,
          try !transaction.consents(other, to: pair.prefix, network: name)
        else { continue }
        throw refusal(
          pair, source, "it is the own address of \(other.label.isEmpty ? "container \(other.owner)" : other.label)")
      }
    }
  }

  private func refusal(_ pair: AllowedAddressPair, _ source: String, _ reason: String) -> CNIError {
    CNIError(
      .invalidConfiguration,
      "\(source.isEmpty ? "" : source + ": ")net.juniper.contrail.allowedAddressPairs: \(pair.summary) cannot be allowed",
      reason)
  }

  /// What is odd about pairs without being wrong.
  func oddities(of pairs: [AllowedAddressPair]) -> [String] {
    guard !pairs.isEmpty, !instance.checksSources else { return [] }
    return [
      "network \(name) does not check sources (rpf: disable): allowed address pairs have no effect on what pods may send"
    ]
  }
}

extension AttachmentTransaction {
  /// Whether the holder of an address lets others have it: it lists it as a pair itself.
  fileprivate func consents(_ holder: Holder, to prefix: IPPrefix, network: String) throws -> Bool {
    try attachments(containerID: holder.owner).flatMap(\.interfaces).contains { interface in
      interface.network == network && interface.pairs.contains { $0.prefix == prefix }
    }
  }
}

extension AllowedAddressPair {
  fileprivate var isHost: Bool { prefix.length == prefix.family.bits }
}
