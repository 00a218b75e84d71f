internal import SQLite
internal import VirtualNetworks

// A pool whose addresses are all free is kept as long as its network is defined: what it gave out last is not given out
// again at once. Whoever changes definitions removes those of which there is no network any more.

extension AttachmentReader {
  /// Removes the pools that nobody holds an address of.
  ///
  /// - Parameter defined: the names of those that stay; asked only if there are some to remove, and without a lock.
  package func removeIdlePools(besides defined: () throws -> Set<String>) throws {
    let idle = try read([]) { try $0.idlePools() }
    if idle.isEmpty { return }
    let kept = try defined()
    let forgotten = idle.filter { !kept.contains($0) }
    if forgotten.isEmpty { return }
    try read((), writes: true) { try $0.removePools(forgotten) }
  }
}

extension AttachmentTransaction {
  /// The names of the pools that nobody holds an address of.
  func idlePools() throws(StoreError) -> [String] { try rows("SELECT name FROM pool WHERE \(isIdle)") { $0.text(0) } }

  /// Removes pools, but not those of which somebody holds an address by now.
  func removePools(_ names: [String]) throws(StoreError) {
    for name in names {
      try run("DELETE FROM free_range WHERE pool = (SELECT id FROM pool WHERE name = ?1 AND \(isIdle))", .text(name))
      try run("DELETE FROM pool WHERE name = ?1 AND \(isIdle)", .text(name))
    }
  }
}

private let isIdle = "NOT EXISTS (SELECT 1 FROM allocation WHERE allocation.pool = pool.id)"

extension ObjectReader {
  /// The names of the pools of all networks.
  package func poolNames() throws(StoreError) -> Set<String> {
    Set(try rows("SELECT subnets FROM network WHERE subnets <> ''", []) { subnets($0.text(0)).map(\.path) }.joined())
  }
}
