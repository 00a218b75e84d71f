internal import Netlink
internal import NetlinkNetfilter

extension KernelNamespace {
  /// Makes a table anew.
  func replaceTable(
    _ table: Table, _ body: (inout Transaction) -> Void
  ) throws(DataplaneError) {
    let connection = try netfilter()
    let present = try asking { () throws(NetlinkError) in try connection.tables() }
    var transaction = Transaction()
    // Only what is there is deleted: closing the socket after a deletion waits 10 ms.
    if present.contains(table) { transaction.delete(table) }
    body(&transaction)
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch { throw .netlink(error) }
  }

  func deleteTable(_ table: Table) throws(DataplaneError) {
    let connection = try netfilter()
    guard try asking({ () throws(NetlinkError) in try connection.tables() }).contains(table) else { return }
    var transaction = Transaction()
    transaction.delete(table, ifMissing: .ignore)
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch { throw .netlink(error) }
  }
}
