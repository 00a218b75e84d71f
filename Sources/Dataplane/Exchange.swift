internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute

extension Connection {
  /// Sends a batch of which every request must succeed.
  func carryOut(_ batch: consuming Batch) throws(DataplaneError) {
    do { try perform(batch) } catch { throw .netlink(error) }
  }

  /// Sends a batch and tells what became of each request.
  func attempt(_ batch: consuming Batch) throws(DataplaneError) -> [Outcome] {
    do { return try outcomes(of: batch) } catch { throw .netlink(error) }
  }

  /// The same, where those errors of a request are as good as success.
  func carryOut(_ batch: consuming Batch, except known: Errno...) throws(DataplaneError) {
    for case let error? in try attempt(batch).map(\.error) where !known.contains(error.errno) { throw .netlink(error) }
  }

  /// Deletes links that may be gone already.
  func deleteIfPresent(_ names: [String]) throws(DataplaneError) {
    var batch = Batch()
    for name in names { batch.deleteLink(.name(name)) }
    try carryOut(batch, except: .noSuchDevice)
  }
}

extension KernelNamespace {
  func commit(_ transaction: consuming Transaction) throws(DataplaneError) {
    if transaction.isEmpty { return }
    let connection = try netfilter()
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch { throw .netlink(error) }
  }

  /// - Returns: whether the kernel has all that the transaction names; nothing was changed otherwise.
  func commitIfPresent(_ transaction: consuming Transaction) throws(DataplaneError) -> Bool {
    do throws(DataplaneError) { try commit(transaction) } catch {
      guard case .netlink(let reason) = error, reason.errno == .noSuchFile else { throw error }
      return false
    }
    return true
  }

  /// The elements of a set; none where there is no such table.
  func elements(of set: NamedSet, in table: Table = SourceFilter.table) throws(DataplaneError) -> [SetElement] {
    let connection = try netfilter()
    do throws(NetlinkError) { return try connection.elements(of: set, in: table) } catch {
      if error.errno == .noSuchFile { return [] }
      throw .netlink(error)
    }
  }
}
