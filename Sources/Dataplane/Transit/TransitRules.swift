internal import Netlink
internal import NetlinkNetfilter

/// What may leave the transit, in table `inet contrail` of its namespace.
///
/// The tables say where an instance's packets may go. Whether the other side wants them, and whether they say truly where
/// they come from, is one question: would what comes from there be led back to the source by the link that this packet
/// came from? So a packet passes if the instance that it goes to imports its source from the instance that it comes from.
enum TransitRules {
  static let table = Table(.inet, NodeNames.table)
  static let chain = Chain("forward", type: .filter, hook: .forward, priority: 0, policy: .drop)
  static let rules: [[Statement]] = [[.reversePath, .accept], [.counter]]
}

extension Transit {
  /// Makes the table anew, whatever there is of it.
  func ensureRules() throws(DataplaneError) {
    try kernel.replaceTables([TransitRules.table]) { transaction in
      transaction.add(TransitRules.table)
      transaction.add(TransitRules.chain, to: TransitRules.table)
      for rule in TransitRules.rules {
        transaction.add(rule: rule, to: TransitRules.chain.name, in: TransitRules.table)
      }
    }
  }
}
