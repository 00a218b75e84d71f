public import NetworkAddresses

/// What a NetworkAttachmentDefinition asks for: a virtual network of its own, or one that exists.
public struct NetworkDefinition: Hashable, Sendable {
  /// A subnet of the network.
  public struct Subnet: Hashable, Sendable {
    /// Its addresses.
    public let prefix: IPPrefix
    /// Of the subnet's family and in it; `nil` for the first usable address.
    public let gateway: IPAddress?
  }

  /// In which order pods get addresses.
  public enum AllocationOrder: String, Hashable, Sendable, CaseIterable {
    /// Upwards from the last one.
    case ascending
    /// Downwards, as Tungsten Fabric does.
    case descending
  }

  /// What is forwarded between the network's interfaces.
  public enum ForwardingMode: String, Hashable, Sendable, CaseIterable {
    /// Frames and packets.
    case l2AndL3 = "l2_l3"
    /// Packets only.
    case l3
    /// Frames only.
    case l2
  }

  /// Whether interfaces may send with their own addresses only.
  public enum ReversePathForwarding: String, Hashable, Sendable, CaseIterable {
    /// They may.
    case enable
    /// Any source is let through.
    case disable
  }

  /// The definition's name, which the virtual network gets.
  public let name: NetworkName
  /// The network that exists already; then everything below has its default.
  public internal(set) var existing: NetworkReference?
  /// At most one subnet a family, IPv4 first; at least one unless the network exists.
  public internal(set) var subnets: [Subnet] = []
  /// The order of addresses, in every subnet.
  public internal(set) var allocation = AllocationOrder.ascending
  /// Targets that are imported and exported, as listed.
  public internal(set) var routeTargets: [RouteTargetName] = []
  /// Targets whose routes are taken in.
  public internal(set) var importRouteTargets: [RouteTargetName] = []
  /// Targets under which the network's routes are given out.
  public internal(set) var exportRouteTargets: [RouteTargetName] = []
  /// Whether pods reach the outside with the node's address. Never together with `fabricForwarding`.
  public internal(set) var fabricSNAT = false
  /// Whether the node's network routes to the pods without translation.
  public internal(set) var fabricForwarding = false
  /// Whether it may be a pod's default network.
  public internal(set) var podNetwork = false
  /// Frames and packets unless said otherwise.
  public internal(set) var forwardingMode = ForwardingMode.l2AndL3
  /// Enabled unless said otherwise.
  public internal(set) var reversePathForwarding = ReversePathForwarding.enable
  /// Shown, nothing else.
  public internal(set) var displayName: String?
  /// Shown, nothing else.
  public internal(set) var details: String?
  /// Keys of `juniper.net/networks` that nothing here reads.
  public internal(set) var unknownKeys: [String] = []
  /// What is odd without being wrong: unknown keys, settings that another one overrules.
  public internal(set) var warnings: [String] = []

  init(name: NetworkName) { self.name = name }

  /// The subnet of a family.
  public func subnet(_ family: IPFamily) -> Subnet? { subnets.first { $0.prefix.family == family } }

  /// What the annotation `juniper.net/networks-status` says once the network is there. A space ends it, as upstream's
  /// text does: scripts compare it.
  public var status: String {
    if let existing { return "success attaching to VirtualNetwork \(existing) " }
    var text = "success creating VirtualNetwork \(name.name) "
    for subnet in subnets { text += "v\(subnet.prefix.family.rawValue)Subnet: \(subnet.prefix) " }
    return text
  }
}

/// Why a NetworkAttachmentDefinition makes no network.
public struct NetworkDefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The definition's name.
  public let name: NetworkName
  /// The annotation and keys at fault, the value, and what would be right.
  public let reason: String

  /// The network's failure to come about for `reason`.
  public init(name: NetworkName, reason: String) {
    self.name = name
    self.reason = reason
  }

  /// What the annotation `juniper.net/networks-status` says then.
  public var status: String { "failed creating VirtualNetwork \(name.name): \(reason)" }

  /// The definition and the reason.
  public var description: String { "NetworkAttachmentDefinition \(name): \(reason)" }
}
