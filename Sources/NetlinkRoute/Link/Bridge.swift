internal import CLinux
public import Netlink

/// An Ethernet bridge, and what it can be told. What is `nil` is left alone.
///
/// The corresponding C constants are the `IFLA_BR_…` of `<linux/if_link.h>`.
public struct Bridge: LinkKind, Hashable {
  /// The kernel's name for the kind.
  public static var name: String { "bridge" }

  /// How long a new port waits before it forwards, in hundredths of a second. The corresponding C constant is
  /// `IFLA_BR_FORWARD_DELAY`.
  public var forwardDelay: UInt32?
  /// How long a learnt address is remembered, in hundredths of a second. The corresponding C constant is
  /// `IFLA_BR_AGEING_TIME`.
  public var ageingTime: UInt32?
  /// Whether the spanning tree protocol is spoken. The corresponding C constant is `IFLA_BR_STP_STATE`.
  public var spanningTree: Bool?
  /// Whether ports are told apart by VLAN. The corresponding C constant is `IFLA_BR_VLAN_FILTERING`.
  public var vlanFiltering: Bool?
  /// Which of the reserved addresses 01:80:c2:00:00:0X are forwarded, a bit each. The corresponding C constant is
  /// `IFLA_BR_GROUP_FWD_MASK`.
  public var groupForwardMask: UInt16?
  /// Whether multicast goes only where it was asked for. The corresponding C constant is `IFLA_BR_MCAST_SNOOPING`.
  public var multicastSnooping: Bool?
  /// Whether nothing is learnt from frames to the reserved link-local addresses. The corresponding C constant is
  /// `BR_BOOLOPT_NO_LL_LEARN`.
  public var noLinkLocalLearning: Bool?
  /// How many addresses are learnt at most, 0 for no limit. The corresponding C constant is `IFLA_BR_FDB_MAX_LEARNED`;
  /// kernels before 6.8 do not know it and learn what comes.
  public var learningLimit: UInt32?

  /// A bridge with these options; the others are the kernel's.
  public init(
    forwardDelay: UInt32? = nil, ageingTime: UInt32? = nil, spanningTree: Bool? = nil, vlanFiltering: Bool? = nil,
    groupForwardMask: UInt16? = nil, multicastSnooping: Bool? = nil, noLinkLocalLearning: Bool? = nil,
    learningLimit: UInt32? = nil
  ) {
    self.forwardDelay = forwardDelay
    self.ageingTime = ageingTime
    self.spanningTree = spanningTree
    self.vlanFiltering = vlanFiltering
    self.groupForwardMask = groupForwardMask
    self.multicastSnooping = multicastSnooping
    self.noLinkLocalLearning = noLinkLocalLearning
    self.learningLimit = learningLimit
  }

  /// Whether any option is given.
  public var hasData: Bool { self != Bridge() }

  /// Writes the options given.
  public func write(to writer: inout MessageWriter) {
    if let forwardDelay { writer.attribute(UInt16(IFLA_BR_FORWARD_DELAY), forwardDelay) }
    if let ageingTime { writer.attribute(UInt16(IFLA_BR_AGEING_TIME), ageingTime) }
    if let spanningTree { writer.attribute(UInt16(IFLA_BR_STP_STATE), spanningTree ? UInt32(1) : 0) }
    if let vlanFiltering { writer.attribute(UInt16(IFLA_BR_VLAN_FILTERING), vlanFiltering) }
    if let groupForwardMask { writer.attribute(UInt16(IFLA_BR_GROUP_FWD_MASK), groupForwardMask) }
    if let multicastSnooping { writer.attribute(UInt16(IFLA_BR_MCAST_SNOOPING), multicastSnooping) }
    if let learningLimit { writer.attribute(Self.learningLimitAttribute, learningLimit) }
    if let noLinkLocalLearning {
      // A `struct br_boolopt_multi`: the values, and which of them are meant.
      writer.framed(UInt16(IFLA_BR_MULTI_BOOLOPT)) {
        $0.u32(noLinkLocalLearning ? Self.noLinkLocalLearningBit : 0)
        $0.u32(Self.noLinkLocalLearningBit)
      }
    }
  }

  /// Not in the headers of older systems.
  private static let learningLimitAttribute: UInt16 = 49
  private static var noLinkLocalLearningBit: UInt32 { 1 << UInt32(BR_BOOLOPT_NO_LL_LEARN.rawValue) }

  /// The options that a bridge reports.
  public init(reading data: Attributes) {
    self.init()
    for attribute in data {
      switch Int(attribute.type) {
      case IFLA_BR_FORWARD_DELAY: forwardDelay = attribute.uint32
      case IFLA_BR_AGEING_TIME: ageingTime = attribute.uint32
      case IFLA_BR_STP_STATE: spanningTree = attribute.uint32.map { $0 != 0 }
      case IFLA_BR_VLAN_FILTERING: vlanFiltering = attribute.flag
      case IFLA_BR_GROUP_FWD_MASK: groupForwardMask = attribute.uint16
      case IFLA_BR_MCAST_SNOOPING: multicastSnooping = attribute.flag
      case IFLA_BR_MULTI_BOOLOPT:
        noLinkLocalLearning = attribute.uint32.map { $0 & Self.noLinkLocalLearningBit != 0 }
      case Int(Self.learningLimitAttribute): learningLimit = attribute.uint32
      default: break
      }
    }
  }
}

extension Link {
  /// The options, if the link is a bridge.
  public var bridge: Bridge? { kind == Bridge.name ? Bridge(reading: kindData) : nil }
}
