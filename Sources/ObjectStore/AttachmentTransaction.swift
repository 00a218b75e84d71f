internal import LinuxSystem
internal import NetworkAddresses
internal import SQLite

/// What can be read and written while the store's lock is held.
package struct AttachmentTransaction {
  let connection: Connection
  let path: String
  /// Of the layout, as far as it matters to readers of older ones.
  let version: Int64

  init(_ connection: Connection, path: String, version: Int64 = Schema.attachments.version) {
    self.connection = connection
    self.path = path
    self.version = version
  }

  func run(_ sql: String, _ values: SQLiteValue...) throws(StoreError) {
    try inDatabase(path) { () throws(SQLiteError) in
      let statement = try connection.prepare(sql)
      try statement.run(all: values)
    }
  }

  /// All rows of a query, each made a value while the row is current.
  func rows<Row>(
    _ sql: String, _ values: SQLiteValue..., row: (borrowing Statement) -> Row
  ) throws(StoreError) -> [Row] {
    try rows(sql, all: values, row: row)
  }

  func rows<Row>(
    _ sql: String, all values: [SQLiteValue], row: (borrowing Statement) -> Row
  ) throws(StoreError) -> [Row] {
    try inDatabase(path) { () throws(SQLiteError) in
      let statement = try connection.prepare(sql)
      try statement.bind(all: values)
      var rows: [Row] = []
      while try statement.step() { rows.append(row(statement)) }
      return rows
    }
  }
}

// MARK: - The epoch

extension AttachmentTransaction {
  func recordedEpoch() throws(StoreError) -> Epoch? {
    try rows("SELECT boot, inode, cookie FROM epoch") {
      Epoch(
        bootID: $0.text(0),
        namespace: NamespaceIdentity(
          inode: UInt64(bitPattern: $0.integer(1)), cookie: UInt64(bitPattern: $0.integer(2))))
    }.first
  }

  /// Drops what an earlier epoch left, events excepted.
  func beginEpoch(_ epoch: Epoch) throws(StoreError) {
    let pairs = version < Schema.attachmentsWithPairs ? [] : ["pair"]
    for table in ["epoch", "attachment", "interface", "instance", "pool", "free_range", "allocation"] + pairs {
      try run("DELETE FROM \(table)")
    }
    try run(
      "INSERT INTO epoch VALUES (?1, ?2, ?3)", .text(epoch.bootID),
      .integer(Int64(bitPattern: epoch.namespace.inode)), .integer(Int64(bitPattern: epoch.namespace.cookie)))
  }
}

// MARK: - Routing instances

extension AttachmentTransaction {
  package func instance(_ name: String) throws(StoreError) -> InstanceRecord? {
    try rows(
      """
      SELECT pin, inode, cookie, bridge_index, fingerprint, vni, mode, rpf, uplink, open_to_node
      FROM instance WHERE name = ?1
      """, .text(name)
    ) {
      let identity = NamespaceIdentity(
        inode: UInt64(bitPattern: $0.integer(1)), cookie: UInt64(bitPattern: $0.integer(2)))
      return InstanceRecord(
        name: name, pin: $0.text(0), identity: identity.inode == 0 ? nil : identity,
        bridgeIndex: UInt32(truncatingIfNeeded: $0.integer(3)), fingerprint: $0.text(4),
        vni: UInt32(truncatingIfNeeded: $0.integer(5)), mode: $0.text(6), checksSources: $0.integer(7) != 0,
        uplink: UInt32(truncatingIfNeeded: $0.integer(8)), isOpenToNode: $0.integer(9) != 0)
    }.first
  }

  /// The instances that have a link to the transit, and their numbers.
  package func connectedInstances() throws(StoreError) -> [(name: String, vni: UInt32)] {
    try rows("SELECT name, vni FROM instance WHERE vni <> 0") {
      ($0.text(0), UInt32(truncatingIfNeeded: $0.integer(1)))
    }
  }

  /// The lowest number from `first` on that is no instance's uplink.
  package func freeUplink(from first: UInt32) throws(StoreError) -> UInt32 {
    let taken = try rows("SELECT uplink FROM instance WHERE uplink >= ?1 ORDER BY uplink", .integer(Int64(first))) {
      UInt32(truncatingIfNeeded: $0.integer(0))
    }
    return taken.reduce(first) { $1 == $0 ? $0 + 1 : $0 }
  }

  package func hasUplinks() throws(StoreError) -> Bool {
    try !rows("SELECT 1 FROM instance WHERE uplink <> 0 LIMIT 1", row: { _ in true }).isEmpty
  }

  /// The names of the recorded instances.
  package func instances() throws(StoreError) -> [String] {
    try rows("SELECT name FROM instance WHERE name <> ?1 ORDER BY name", .text(InstanceRecord.transit)) { $0.text(0) }
  }

  package func record(_ instance: InstanceRecord) throws(StoreError) {
    try run(
      "INSERT OR REPLACE INTO instance VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", .text(instance.name),
      .text(instance.pin),
      .integer(Int64(bitPattern: instance.identity?.inode ?? 0)),
      .integer(Int64(bitPattern: instance.identity?.cookie ?? 0)), .integer(Int64(instance.bridgeIndex)),
      .text(instance.fingerprint), .integer(Int64(instance.vni)), .text(instance.mode),
      .integer(instance.checksSources ? 1 : 0), .integer(Int64(instance.uplink)),
      .integer(instance.isOpenToNode ? 1 : 0))
  }

  /// Notes that instances have no link to the transit any more.
  package func disconnect(_ numbers: [UInt32]) throws(StoreError) {
    for number in numbers { try run("UPDATE instance SET vni = 0 WHERE vni = ?1", .integer(Int64(number))) }
  }

  package func removeInstance(_ name: String) throws(StoreError) {
    try run("DELETE FROM instance WHERE name = ?1", .text(name))
  }

  /// Whether any attachment, pending or attached, has an interface in the instance, which has its network's name.
  package func isInUse(instance name: String) throws(StoreError) -> Bool {
    try !rows("SELECT 1 FROM interface WHERE network = ?1 LIMIT 1", .text(name), row: { _ in true }).isEmpty
  }
}

extension AttachmentTransaction {
  /// The containers that have a record.
  package func containerIDs() throws(StoreError) -> [String] {
    try rows("SELECT DISTINCT container FROM attachment") { $0.text(0) }
  }
}
