internal import Netlink
internal import NetlinkNetfilter

extension KernelNamespace {
  /// Makes tables anew, whatever there is of them.
  func replaceTables(_ tables: [Table], _ body: (inout Transaction) -> Void) throws(DataplaneError) {
    let connection = try netfilter()
    let present = try asking { () throws(NetlinkError) in try connection.tables() }
    var transaction = Transaction()
    // Only what is there is deleted: closing the socket after a deletion waits 10 ms.
    for table in tables where present.contains(table) { transaction.delete(table) }
    body(&transaction)
    try commit(transaction)
  }

  func deleteTable(_ table: Table) throws(DataplaneError) {
    let connection = try netfilter()
    guard try asking({ () throws(NetlinkError) in try connection.tables() }).contains(table) else { return }
    var transaction = Transaction()
    transaction.delete(table, ifMissing: .ignore)
    try commit(transaction)
  }
}
