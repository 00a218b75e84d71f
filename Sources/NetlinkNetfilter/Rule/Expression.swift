public import NetworkAddresses

/// One step of a rule, as the kernel executes it.
///
/// A rule runs its expressions in order until one of them does not match or gives a verdict. Rulesets are better
/// written with ``Statement``, which chooses the registers.
public enum Expression: Hashable, Sendable {
  /// Loads a property of the packet that is not in its bytes.
  case meta(MetaKey, into: Register)
  /// Sets a property of the packet.
  case metaWrite(Register, MetaKey)
  /// Loads bytes of the packet; a packet that is too short does not match.
  case payload(PayloadBase, offset: Int, length: Int, into: Register)
  /// Loads a property of the packet's connection.
  case conntrack(ConntrackKey, into: Register)
  /// Loads the router that the packet goes to, or its destination where that is on the link.
  case nextHop(IPFamily, into: Register)
  /// Overwrites bytes of the packet; no checksum is mended.
  case payloadWrite(Register, PayloadBase, offset: Int, length: Int)
  /// Goes on if the register compares so with the bytes.
  case compare(Register, Comparison, [UInt8])
  /// Goes on if the register is within the bounds (both included), or outside them.
  case range(Register, from: [UInt8], to: [UInt8], inverted: Bool)
  /// Writes `(source & mask) ^ xor`.
  case bitwise(source: Register, into: Register, mask: [UInt8], xor: [UInt8])
  /// Goes on if the set has (or, inverted, has not) the register's value.
  case lookup(Register, set: String, inverted: Bool)
  /// Writes what the map has for the register's value; goes on only if it has something.
  case mapLookup(Register, map: String, into: Register)
  /// Gives the verdict that the map has for the register's value; goes on if it has none.
  case verdictLookup(Register, map: String)
  /// Puts the register's value into the set, or into the map with the data. What is there already keeps its data, and its
  /// timeout begins anew. A rule whose set is full goes no further.
  case update(set: String, key: Register, data: Register?)
  /// Keeps a limit of its own for each value of the register, in the set, which must be dynamic; goes on where that limit is
  /// exceeded. A rule whose set is full goes no further.
  case limit(set: String, key: Register, RuleLimit)
  /// Takes the register's value out of the set or map, if it is there. For a map, a register of data is named all the
  /// same, and not compared.
  case remove(set: String, key: Register, data: Register?)
  /// Writes a number below the modulus, by chance, in the machine's byte order.
  case random(modulus: UInt32, into: Register)
  /// Writes constant bytes.
  case immediate([UInt8], into: Register)
  /// Gives a verdict.
  case verdict(Verdict)
  /// Counts packets and bytes.
  case counter
  /// Writes 1 where the routing tables lead from here to the packet's source through the interface that it came in by,
  /// otherwise 0. In the forward hook they are asked as for a packet that comes in where this one leaves (Linux 5.19;
  /// `EOPNOTSUPP` before).
  case reversePath(into: Register)
  /// Translates the source to the address of the interface the packet leaves through.
  case masquerade
  /// Translates an address, and a port if there is one, to what the registers hold.
  case nat(NATKind, TableFamily, address: Register, port: Register?)
}

/// What a rule may find too much.
public enum RuleLimit: Hashable, Sendable {
  /// Open connections that are tracked, this packet's included; closed TCP connections do not count, though the kernel
  /// remembers them for a while.
  case connections(UInt32)
  /// Packets in a second, after as many as the burst at once.
  case packets(perSecond: UInt64, burst: UInt32)
}

/// What becomes of a packet.
public enum Verdict: Hashable, Sendable {
  case accept
  case drop
  /// Goes on after this rule.
  case `continue`
  /// Goes on in the chain, and comes back at its end.
  case jump(String)
  /// Goes on in the chain, and does not come back.
  case goto(String)
  /// Goes back to the chain that jumped here; in a base chain: the policy.
  case `return`

  /// The corresponding C constants are `NF_DROP`, `NF_ACCEPT` and `NFT_CONTINUE`… of `enum nft_verdicts`.
  var code: Int32 {
    switch self {
    case .drop: 0
    case .accept: 1
    case .continue: -1
    case .jump: -3
    case .goto: -4
    case .return: -5
    }
  }

  /// The chain that a jump or goto names.
  var chain: String? {
    switch self {
    case .jump(let chain), .goto(let chain): chain
    default: nil
    }
  }

  init?(code: Int32, chain: String?) {
    switch (code, chain) {
    case (0, _): self = .drop
    case (1, _): self = .accept
    case (-1, _): self = .continue
    case (-3, let chain?): self = .jump(chain)
    case (-4, let chain?): self = .goto(chain)
    case (-5, _): self = .return
    default: return nil
    }
  }
}

/// The corresponding C constants are those of `enum nft_meta_keys`.
public struct MetaKey: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public var rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The ethertype as the kernel took it from the frame; what a VLAN tag encloses. `NFT_META_PROTOCOL`.
  public static let etherType = MetaKey(rawValue: 1)
  /// `NFT_META_MARK`.
  public static let mark = MetaKey(rawValue: 3)
  /// `NFT_META_IIF`.
  public static let inputIndex = MetaKey(rawValue: 4)
  /// `NFT_META_OIF`.
  public static let outputIndex = MetaKey(rawValue: 5)
  /// `NFT_META_IIFNAME`.
  public static let inputName = MetaKey(rawValue: 6)
  /// `NFT_META_OIFNAME`.
  public static let outputName = MetaKey(rawValue: 7)
  /// `NFT_META_NFPROTO`.
  public static let family = MetaKey(rawValue: 15)
  /// `NFT_META_L4PROTO`.
  public static let transportProtocol = MetaKey(rawValue: 16)
  /// `NFT_META_BRI_IIFNAME`; absent from kernels without `CONFIG_NFT_BRIDGE_META`.
  public static let inputBridge = MetaKey(rawValue: 17)
  /// `NFT_META_PKTTYPE`.
  public static let packetType = MetaKey(rawValue: 19)
}

/// The header that an offset counts from. The corresponding C constants are those of `enum nft_payload_bases`.
public enum PayloadBase: UInt32, Hashable, Sendable {
  case link = 0
  case network = 1
  case transport = 2
}

/// The corresponding C constants are those of `enum nft_ct_keys`.
public struct ConntrackKey: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public var rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// `NFT_CT_STATE`.
  public static let state = ConntrackKey(rawValue: 0)
  /// `NFT_CT_DIRECTION`.
  public static let direction = ConntrackKey(rawValue: 1)
  /// `NFT_CT_STATUS`.
  public static let status = ConntrackKey(rawValue: 2)
  /// `NFT_CT_MARK`.
  public static let mark = ConntrackKey(rawValue: 3)
}

/// The corresponding C constants are those of `enum nft_cmp_ops`.
public enum Comparison: UInt32, Hashable, Sendable {
  case equal = 0
  case notEqual = 1
  case less = 2
  case lessOrEqual = 3
  case greater = 4
  case greaterOrEqual = 5
}

/// The corresponding C constants are those of `enum nft_nat_types`.
public enum NATKind: UInt32, Hashable, Sendable {
  case source = 0
  case destination = 1
}
