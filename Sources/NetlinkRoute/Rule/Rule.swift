internal import CLinux
public import Netlink
public import NetworkAddresses

/// What a policy rule does with the packets it is for.
///
/// The corresponding C constants are the `FR_ACT_…` of `<linux/fib_rules.h>`.
public struct RuleAction: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// They are looked up in the rule's table. The corresponding C constant is `FR_ACT_TO_TBL`.
  public static let lookUp = RuleAction(rawValue: 1)
  /// They vanish. The corresponding C constant is `FR_ACT_BLACKHOLE`.
  public static let blackhole = RuleAction(rawValue: 6)
  /// They are answered as unreachable. The corresponding C constant is `FR_ACT_UNREACHABLE`.
  public static let unreachable = RuleAction(rawValue: 7)
}

/// A rule that says in which table packets are looked up.
///
/// The corresponding C type is `struct fib_rule_hdr`.
public struct Rule: Hashable, Sendable {
  /// The corresponding C field is `family`.
  public let family: IPFamily
  /// Lower goes first; `nil` puts a new rule before all but the first. The corresponding C constant is `FRA_PRIORITY`.
  public var priority: UInt32?
  /// The corresponding C constant is `FRA_TABLE`.
  public var table: RouteTable
  /// The corresponding C field is `action`.
  public var action: RuleAction
  /// Only packets from this network. The corresponding C constant is `FRA_SRC`.
  public var source: IPPrefix?
  /// Only packets to this network. The corresponding C constant is `FRA_DST`.
  public var destination: IPPrefix?
  /// Only packets that came by the link of this name. The corresponding C constant is `FRA_IIFNAME`.
  public var inputInterface: String?
  /// Only packets of sockets that are bound to the link of this name. The corresponding C constant is `FRA_OIFNAME`.
  public var outputInterface: String?
  /// The attributes that have no property here, as they came; they are not sent.
  public private(set) var others: [Attribute] = []

  /// A rule for a family; what is `nil` holds for every packet.
  public init(
    family: IPFamily, priority: UInt32? = nil, table: RouteTable, action: RuleAction = .lookUp,
    source: IPPrefix? = nil, destination: IPPrefix? = nil, inputInterface: String? = nil,
    outputInterface: String? = nil
  ) {
    self.family = family
    self.priority = priority
    self.table = table
    self.action = action
    self.source = source
    self.destination = destination
    self.inputInterface = inputInterface
    self.outputInterface = outputInterface
  }

  /// The rule that an `RTM_NEWRULE` or `RTM_DELRULE` is about; `nil` for any other message and for a broken one.
  public init?(_ message: Message) {
    guard message.type == UInt16(RTM_NEWRULE) || message.type == UInt16(RTM_DELRULE),
      let attributes = message.attributes(afterHeader: 12), let family = IPFamily(number: message.byte(at: 0)),
      message.byte(at: 1) <= family.bits, message.byte(at: 2) <= family.bits
    else { return nil }
    self.init(
      family: family, table: RouteTable(rawValue: UInt32(message.byte(at: 4))),
      action: RuleAction(rawValue: message.byte(at: 7)))
    for attribute in attributes {
      switch Int(attribute.type) {
      case FRA_PRIORITY: priority = attribute.uint32
      case FRA_TABLE: table = RouteTable(rawValue: attribute.uint32 ?? table.rawValue)
      case FRA_IIFNAME: inputInterface = attribute.string
      case FRA_OIFNAME: outputInterface = attribute.string
      case FRA_DST: destination = prefix(attribute, length: message.byte(at: 1))
      case FRA_SRC: source = prefix(attribute, length: message.byte(at: 2))
      default: others.append(attribute)
      }
    }
  }

  private func prefix(_ attribute: Attribute, length: UInt8) -> IPPrefix? {
    guard let address = attribute.ipAddress, address.family == family else { return nil }
    return IPPrefix(containing: address, length: Int(length))
  }

  /// Writes a `struct fib_rule_hdr` and the attributes.
  public func write(to writer: inout MessageWriter) {
    writer.u8(family.number)
    writer.u8(UInt8(destination?.length ?? 0))
    writer.u8(UInt8(source?.length ?? 0))
    writer.u8(0)
    writer.u8(table.byte)
    writer.u16(0)
    writer.u8(action.rawValue)
    writer.u32(0)
    if let source { writer.attribute(UInt16(FRA_SRC), source.address) }
    if let destination { writer.attribute(UInt16(FRA_DST), destination.address) }
    if let inputInterface { writer.attribute(UInt16(FRA_IIFNAME), string: inputInterface) }
    if let outputInterface { writer.attribute(UInt16(FRA_OIFNAME), string: outputInterface) }
    if let priority { writer.attribute(UInt16(FRA_PRIORITY), priority) }
    if table.rawValue > 255 { writer.attribute(UInt16(FRA_TABLE), table.rawValue) }
  }
}

extension Rule: CustomStringConvertible {
  /// `50 (IPv4) to table 100`.
  public var description: String {
    "\(priority.map { "\($0) " } ?? "")(\(family)) to table \(table.rawValue)"
  }
}
