internal import LinuxSystem
internal import Netlink
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

  /// The same, where that error of a request is as good as success.
  func carryOut(_ batch: consuming Batch, except known: Errno) throws(DataplaneError) {
    for case let error? in try attempt(batch).map(\.error) where error.errno != known { throw .netlink(error) }
  }

  /// Deletes links that may be gone already.
  func deleteIfPresent(_ names: [String]) throws(DataplaneError) {
    var batch = Batch()
    for name in names { batch.deleteLink(.name(name)) }
    for outcome in try attempt(batch) {
      if let error = outcome.error, error.errno != .noSuchDevice { throw .netlink(error) }
    }
  }
}
