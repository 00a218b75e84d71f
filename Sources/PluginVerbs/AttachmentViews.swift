internal import CNI
internal import Dataplane
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

// An attachment as other layers see it.

extension Attachment {
  /// The names of the routing instances that hold its host ends.
  var instanceNames: [String] { Set(interfaces.map(\.instance)).sorted() }

  /// What the dataplane makes and removes in a routing instance.
  ///
  /// - Parameter imports: the networks beyond the instance that the pod gets routes to.
  func ports(
    in instance: String, _ mode: RoutingInstance.ForwardingMode, reaching imports: [IPPrefix] = []
  ) -> [Port] {
    interfaces.enumerated().filter { $1.instance == instance }.map { index, interface in
      Port(
        name: interface.name, hostName: interface.hostName, mac: interface.mac, hostMAC: interface.hostMAC,
        mtu: interface.mtu, group: linkGroup, alias: alias(of: interface),
        addresses: interface.addresses.map(\.address),
        gateways: interface.addresses.compactMap(\.defaultRouter),
        routers: mode == .l2 ? [] : interface.addresses.map(\.gateway), imported: imports, isRouted: mode == .l3,
        isMain: index == 0 && interface.name == "eth0", pairs: interface.pairs.map(AddressPair.init))
    }
  }

  /// `container/interface/pod UID`, from which an attachment can be known again without the store.
  private func alias(of interface: AttachedInterface) -> String {
    let text = "\(containerID)/\(interface.name)/\(pod.uid)"
    return String(decoding: text.utf8.prefix(255), as: UTF8.self)
  }

  /// What the runtime is told: all interfaces, host ends first, and the addresses of the runtime's own interface.
  ///
  /// - Parameter hasGateway: whether the first network forwards packets.
  func result(dns: DNS, hasGateway: Bool) -> CNIResult {
    let hostEnds = interfaces.map { CNIResult.Interface(name: $0.hostName, mac: $0.hostMAC.description) }
    let podEnds = interfaces.map {
      CNIResult.Interface(
        name: $0.name, mac: $0.mac.description, mtu: Int($0.mtu), sandbox: namespacePath)
    }
    let main = interfaces[0].addresses
    let routers = interfaces.flatMap(\.addresses).compactMap(\.defaultRouter)
    return CNIResult(
      interfaces: hostEnds + podEnds,
      ips: main.map {
        CNIResult.Address($0.address, gateway: hasGateway ? $0.gateway : nil, interface: hostEnds.count)
      },
      routes: routers.map { CNIResult.Route(defaultDestination($0.family), gateway: $0) }, dns: dns)
  }
}

extension AddressPair {
  init(_ pair: AllowedAddressPair) {
    self.init(prefix: pair.prefix, mac: pair.mac, isShared: pair.mode == .activeActive)
  }
}

/// `0.0.0.0/0` or `::/0`.
private func defaultDestination(_ family: IPFamily) -> IPPrefix {
  IPPrefix(containing: IPAddress(family: family, number: 0), length: 0)
}
