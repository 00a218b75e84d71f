package import ContrailIPAM
package import NetworkAddresses
internal import SQLite

extension AttachmentTransaction {
  /// The addresses of the pool of this name, for the allocator.
  package func pool(_ name: String) -> PoolStore { PoolStore(transaction: self, name: name) }

  /// Gives back the addresses of all of an attachment's interfaces.
  package func releaseAddresses(of attachment: Attachment) throws(StoreError) {
    let held = try rows(
      """
      SELECT DISTINCT name, ifname FROM allocation JOIN pool ON pool.id = allocation.pool WHERE container = ?1
      """, .text(attachment.containerID)
    ) { (pool: $0.text(0), interface: $0.text(1)) }
    for (name, interface) in held where attachment.interfaces.contains(where: { $0.name == interface }) {
      var pool = pool(name)
      try pool.release(owner: attachment.containerID, interface: interface)
    }
  }
}

extension AttachmentTransaction {
  /// The containers that hold addresses and have no attachment.
  package func ownersWithoutAttachment() throws(StoreError) -> [String] {
    try rows(
      """
      SELECT DISTINCT container FROM allocation
      WHERE NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.container = allocation.container) ORDER BY container
      """
    ) { $0.text(0) }
  }

  /// Gives back all addresses of a container.
  package func releaseAddresses(owner: String) throws(StoreError) {
    let pools = try rows(
      "SELECT DISTINCT name FROM allocation JOIN pool ON pool.id = allocation.pool WHERE container = ?1", .text(owner)
    ) { $0.text(0) }
    for name in pools {
      var pool = pool(name)
      try pool.release(owner: owner)
    }
  }
}

/// One pool of addresses in the database.
///
/// Addresses are stored as ``IPAddress/bytes``, which order as the addresses do; a pool has one family.
package struct PoolStore: AddressStore {
  private let transaction: AttachmentTransaction
  private let name: String
  private var id: Int64?

  init(transaction: AttachmentTransaction, name: String) {
    self.transaction = transaction
    self.name = name
  }

  private mutating func key() throws(StoreError) -> SQLiteValue {
    if id == nil {
      id = try transaction.rows("SELECT id FROM pool WHERE name = ?1", .text(name), row: { $0.integer(0) }).first
    }
    return id.map { .integer($0) } ?? .null
  }

  // MARK: The record

  package mutating func state() throws(StoreError) -> PoolState? {
    let found = try transaction.rows("SELECT id, configuration, cursor FROM pool WHERE name = ?1", .text(name)) {
      (id: $0.integer(0), state: PoolState(configuration: $0.text(1), cursor: IPAddress(bytes: $0.blob(2))))
    }.first
    id = found?.id
    return found?.state
  }

  package mutating func reset(_ state: PoolState, freeRanges: [AddressRange]) throws(StoreError) {
    try transaction.run(
      """
      INSERT INTO pool VALUES (NULL, ?1, ?2, ?3)
      ON CONFLICT (name) DO UPDATE SET configuration = ?2, cursor = ?3
      """, .text(name), .text(state.configuration), state.cursor.map { .blob($0.bytes) } ?? .null)
    try transaction.run("DELETE FROM free_range WHERE pool = ?1", try key())
    for range in freeRanges { try insertFreeRange(range) }
  }

  package mutating func setCursor(_ cursor: IPAddress) throws(StoreError) {
    try transaction.run("UPDATE pool SET cursor = ?2 WHERE id = ?1", try key(), .blob(cursor.bytes))
  }

  // MARK: Free ranges

  package mutating func freeRange(endingAtOrAfter address: IPAddress) throws(StoreError) -> AddressRange? {
    try range("last >= ?2 ORDER BY last LIMIT 1", address)
  }

  package mutating func freeRange(endingAtOrBefore address: IPAddress) throws(StoreError) -> AddressRange? {
    try range("last <= ?2 ORDER BY last DESC LIMIT 1", address)
  }

  private mutating func range(_ condition: String, _ address: IPAddress) throws(StoreError) -> AddressRange? {
    let sql = "SELECT first, last FROM free_range WHERE pool = ?1 AND \(condition)"
    let found = try transaction.rows(sql, try key(), .blob(address.bytes)) { row in
      (first: IPAddress(bytes: row.blob(0)), last: IPAddress(bytes: row.blob(1)))
    }
    guard let (first, last) = found.first else { return nil }
    guard let first, let last, first.family == address.family, last.family == address.family, first <= last else {
      throw .corrupt(path: transaction.path, .damage("a free range of pool \(name) is none", operation: sql))
    }
    return AddressRange(first, last)
  }

  package mutating func insertFreeRange(_ range: AddressRange) throws(StoreError) {
    try transaction.run(
      "INSERT INTO free_range VALUES (?1, ?2, ?3)", try key(), .blob(range.last.bytes), .blob(range.first.bytes))
  }

  package mutating func replaceFreeRange(_ old: AddressRange, with new: AddressRange) throws(StoreError) {
    try transaction.run(
      "UPDATE free_range SET last = ?3, first = ?4 WHERE pool = ?1 AND last = ?2", try key(),
      .blob(old.last.bytes), .blob(new.last.bytes), .blob(new.first.bytes))
  }

  package mutating func removeFreeRange(_ range: AddressRange) throws(StoreError) {
    try transaction.run("DELETE FROM free_range WHERE pool = ?1 AND last = ?2", try key(), .blob(range.last.bytes))
  }

  // MARK: Allocations

  package mutating func holder(of address: IPAddress) throws(StoreError) -> Holder? {
    try transaction.rows(
      "SELECT container, ifname, note FROM allocation WHERE pool = ?1 AND address = ?2", try key(),
      .blob(address.bytes)
    ) { Holder(owner: $0.text(0), interface: $0.text(1), label: $0.text(2)) }.first
  }

  package mutating func addresses(owner: String, interface: String?) throws(StoreError) -> [IPAddress] {
    // By itself the database would read the whole pool, which is in the right order already.
    try transaction.rows(
      """
      SELECT address FROM allocation INDEXED BY allocation_holder
      WHERE container = ?1 AND pool = ?2 AND \(interface == nil ? "?3 IS NULL" : "ifname = ?3") ORDER BY address
      """, .text(owner), try key(), interface.map { .text($0) } ?? .null
    ) { IPAddress(bytes: $0.blob(0)) }.compactMap { $0 }
  }

  package mutating func insertAllocation(_ allocation: Allocation) throws(StoreError) {
    try transaction.run(
      "INSERT INTO allocation VALUES (?1, ?2, ?3, ?4, ?5)", try key(), .blob(allocation.address.bytes),
      .text(allocation.holder.owner), .text(allocation.holder.interface), .text(allocation.holder.label))
  }

  package mutating func removeAllocation(of address: IPAddress) throws(StoreError) {
    try transaction.run(
      "DELETE FROM allocation WHERE pool = ?1 AND address = ?2", try key(), .blob(address.bytes))
  }

  package mutating func allocations(after address: IPAddress?, limit: Int) throws(StoreError) -> [Allocation] {
    try transaction.rows(
      """
      SELECT address, container, ifname, note FROM allocation WHERE pool = ?1 AND address > ?2
      ORDER BY address LIMIT ?3
      """, try key(), .blob(address?.bytes ?? []), .integer(Int64(limit))
    ) { row -> Allocation? in
      guard let address = IPAddress(bytes: row.blob(0)) else { return nil }
      return Allocation(address, Holder(owner: row.text(1), interface: row.text(2), label: row.text(3)))
    }.compactMap { $0 }
  }

  package mutating func allocationCount(in range: AddressRange) throws(StoreError) -> Int {
    try transaction.rows(
      "SELECT count(*) FROM allocation WHERE pool = ?1 AND address BETWEEN ?2 AND ?3", try key(),
      .blob(range.first.bytes), .blob(range.last.bytes)
    ) { Int($0.integer(0)) }.first ?? 0
  }
}
