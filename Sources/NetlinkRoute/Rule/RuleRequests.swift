internal import CLinux
public import Netlink
public import NetworkAddresses

extension Batch {
  /// Adds a rule; one that is equal in all it says is an error (`EEXIST`). The corresponding C constant is
  /// `RTM_NEWRULE`.
  @discardableResult
  public mutating func addRule(_ rule: Rule) -> Int {
    add("add rule \(rule)", type: UInt16(RTM_NEWRULE), flags: [.create, .exclusive]) { rule.write(to: &$0) }
  }

  /// Deletes the first rule that fits; an error where there is none (`ENOENT`). The corresponding C constant is
  /// `RTM_DELRULE`.
  @discardableResult
  public mutating func deleteRule(_ rule: Rule) -> Int {
    add("delete rule \(rule)", type: UInt16(RTM_DELRULE)) { rule.write(to: &$0) }
  }
}

extension Connection {
  /// The rules of a family in the order of their priority.
  public func rules(family: IPFamily) throws(NetlinkError) -> [Rule] {
    try dump("list the \(family) rules", type: UInt16(RTM_GETRULE)) {
      $0.u8(family.number)
      for _ in 0..<11 { $0.u8(0) }
    }.compactMap(Rule.init)
  }
}
