internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// Translation of addresses, and what the routing tables say.

extension RuleMachine {
  mutating func translate(_ attributes: Attributes) -> Step {
    let family: IPFamily = attributes[2]?.bigEndian32 == 10 ? .v6 : .v4
    if family != packet.family { return .noMatch }
    var address: IPAddress?
    if let register = attributes[3]?.bigEndian32 {
      guard let bytes = known(read(register, family.bits / 8)) else { return maybe("nat") }
      address = IPAddress(bytes: bytes)
    }
    var port: UInt16?
    if let register = attributes[5]?.bigEndian32 {
      guard let bytes = known(read(register, 2)) else { return maybe("nat") }
      port = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }
    return translate(NATKind(rawValue: attributes[1]?.bigEndian32 ?? 0) ?? .source, address, port)
  }

  mutating func translate(_ kind: NATKind, _ address: IPAddress?, _ port: UInt16?) -> Step {
    switch kind {
    case .source: packet.tuple.source = address ?? packet.tuple.source
    case .destination:
      packet.tuple.destination = address ?? packet.tuple.destination
      if packet.flow != .echo { packet.tuple.destinationPort = port ?? packet.tuple.destinationPort }
    }
    packet.status.insert(kind == .source ? .sourceTranslated : .destinationTranslated)
    isTranslated = true
    return .verdict(.accept)
  }

  mutating func masquerade() throws(DataplaneError) -> Step {
    guard let output = site.output else { return .noMatch }
    let route = try site.namespace.lookUp(to: packet.tuple.destination)
    var address = route?.source
    if address == nil { address = try site.namespace.firstAddress(of: output, packet.family) }
    guard let address else { return maybe("masquerade") }
    return translate(.source, address, nil)
  }

  mutating func redirect(port: UInt16?) throws(DataplaneError) -> Step {
    guard let input = site.input, let address = try site.namespace.firstAddress(of: input, packet.family) else {
      return maybe("redirect")
    }
    return translate(.destination, address, port)
  }

  mutating func fib(_ attributes: Attributes) throws(DataplaneError) -> Step {
    guard let register = attributes[1]?.bigEndian32, let result = attributes[2]?.bigEndian32,
      let flags = attributes[3]?.bigEndian32
    else { return maybe("fib") }
    let isSource = flags & FibFlag.source != 0
    let address = isSource ? packet.tuple.source : packet.tuple.destination
    if result == FibResult.addressType {
      write(hostBytes(try addressType(address)), to: register)
      return .next
    }
    guard isSource, flags & FibFlag.input != 0, let input = site.input else { return maybe("fib") }
    // In the forward hook the question is put as for a packet that comes in where this one leaves.
    let route = try site.namespace.lookUp(
      to: address, from: packet.tuple.destination, input: site.output?.index ?? input.index)
    // A packet that comes back by the link that it goes to is one to itself for the kernel's look-up.
    let isBack = route?.output == input.index
    if flags & FibFlag.present != 0 {
      write([isBack ? 1 : 0], to: register)
    } else if result == FibResult.index {
      write(hostBytes(isBack ? input.index : 0), to: register)
    } else {
      return maybe("fib")
    }
    return .next
  }

  /// The corresponding C constants are `RTN_*`.
  func addressType(_ address: IPAddress) throws(DataplaneError) -> UInt32 {
    try site.namespace.lookUp(to: address)?.type == .local ? 2 : 1
  }

  /// The corresponding C constants are `NFTA_FIB_F_*`.
  private enum FibFlag {
    static let source: UInt32 = 1
    static let input: UInt32 = 1 << 3
    static let present: UInt32 = 1 << 5
  }

  /// The corresponding C constants are those of `enum nft_fib_result`.
  private enum FibResult {
    static let index: UInt32 = 1
    static let addressType: UInt32 = 3
  }
}

extension KernelNamespace {
  /// The address that a link's own packets come from.
  func firstAddress(of link: Link, _ family: IPFamily) throws(DataplaneError) -> IPAddress? {
    let connection = try route()
    return try asking { () throws(NetlinkError) in try connection.addresses(link: link.index) }
      .first { $0.link == link.index && $0.address.address.family == family && $0.scope == .universe }?.address.address
  }
}
