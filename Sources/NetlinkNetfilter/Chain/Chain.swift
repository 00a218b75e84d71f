/// A chain: a list of rules.
///
/// A chain with a ``BaseChain`` hook sees packets by itself; one without is only reached by a jump.
public struct Chain: Hashable, Sendable {
  /// At most 255 bytes, unique in its table.
  public let name: String
  /// Where the chain is hooked in; `nil` for a chain that others jump to.
  public let base: BaseChain?

  /// A chain that other chains jump to.
  public init(_ name: String) {
    self.name = name
    base = nil
  }

  /// A chain that the kernel calls at a hook.
  public init(
    _ name: String, type: ChainType, hook: Hook, priority: Int32, policy: Policy? = nil, device: String? = nil
  ) {
    self.init(name, base: BaseChain(type: type, hook: hook, priority: priority, policy: policy, device: device))
  }

  init(_ name: String, base: BaseChain?) {
    self.name = name
    self.base = base
  }
}

/// Where and in which order the kernel calls a chain.
public struct BaseChain: Hashable, Sendable {
  /// What the chain may do with packets.
  public let type: ChainType
  /// Where the chain is called.
  public let hook: Hook
  /// Chains of one hook run in ascending order of priority.
  public let priority: Int32
  /// What becomes of a packet that leaves the chain at its end; `nil` is the kernel's default, accept.
  public let policy: Policy?
  /// The one device of a netdev chain; `nil` in other families.
  public let device: String?
}

/// What a base chain may do with packets.
public struct ChainType: RawRepresentable, Hashable, Sendable {
  /// The name that the kernel uses.
  public var rawValue: String

  /// The type with this name, known here or not.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Accepts or drops.
  public static let filter = ChainType(rawValue: "filter")
  /// Sees the first packet of each connection and may translate its addresses.
  public static let nat = ChainType(rawValue: "nat")
  /// Routes local packets again when it changed them.
  public static let route = ChainType(rawValue: "route")
}

/// A point in a packet's way through the kernel.
///
/// The numbers are those of the families inet, ip, ip6 and bridge (`NF_INET_*`, `NF_BR_*`), and of netdev where the
/// name says so.
public struct Hook: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public var rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Before the routing or forwarding decision.
  public static let prerouting = Hook(rawValue: 0)
  /// To the node itself.
  public static let input = Hook(rawValue: 1)
  /// Through the node.
  public static let forward = Hook(rawValue: 2)
  /// From the node itself.
  public static let output = Hook(rawValue: 3)
  /// Leaving, after routing or forwarding.
  public static let postrouting = Hook(rawValue: 4)
  /// A netdev chain on a device's receive path (`NF_NETDEV_INGRESS`).
  public static let deviceIngress = Hook(rawValue: 0)
  /// A netdev chain on a device's transmit path (`NF_NETDEV_EGRESS`).
  public static let deviceEgress = Hook(rawValue: 1)
}

/// What becomes of a packet that no rule of a base chain decided.
///
/// The corresponding C constants are `NF_DROP` and `NF_ACCEPT`.
public enum Policy: UInt32, Hashable, Sendable {
  case drop = 0
  case accept = 1
}
