internal import SQLite

/// The layout of a database and how older layouts become it.
struct Schema {
  /// Step `n` takes a database of version `n` to version `n + 1`; the last version is the number of steps.
  let migrations: [String]

  var version: Int64 { Int64(migrations.count) }

  /// Brings a database to this version inside the caller's transaction.
  ///
  /// - Returns: the version found; above `version` nothing was done.
  func migrate(_ connection: Connection) throws(SQLiteError) -> Int64 {
    let found = try userVersion(connection)
    if found >= version { return found }
    for step in migrations[Int(found)...] { try connection.execute(step) }
    try connection.execute("PRAGMA user_version = \(version)")
    return found
  }

  func userVersion(_ connection: Connection) throws(SQLiteError) -> Int64 {
    let statement = try connection.prepare("PRAGMA user_version")
    try statement.step()
    return statement.integer(0)
  }
}

extension Schema {
  /// `attachments.db`: what ADD did on this node, in this boot.
  ///
  /// Free addresses are ranges keyed by their last address, so that "the first free address from here on" is one seek.
  /// Addresses are numbers of 16 octets, most significant first, so that the database orders them as numbers.
  /// No column is declared NOT NULL: the types that are written leave no other choice, and the declarations would be parsed
  /// by every process.
  static let attachments = Schema(migrations: [
    """
    CREATE TABLE epoch (boot TEXT, inode INTEGER, cookie INTEGER);
    CREATE TABLE attachment (
      id INTEGER PRIMARY KEY,
      container TEXT, ifname TEXT, network TEXT, state INTEGER,
      pod_namespace TEXT, pod_name TEXT, pod_uid TEXT,
      netns TEXT, inode INTEGER, cookie INTEGER,
      link_group INTEGER, created INTEGER,
      UNIQUE (container, ifname));
    CREATE INDEX attachment_pod ON attachment (pod_uid) WHERE pod_uid <> '';
    CREATE TABLE interface (
      attachment INTEGER, position INTEGER, uuid BLOB,
      name TEXT, host_name TEXT, mac INTEGER, host_mac INTEGER,
      mtu INTEGER, network TEXT, instance TEXT, addresses BLOB,
      PRIMARY KEY (attachment, position)) WITHOUT ROWID;
    CREATE TABLE instance (
      name TEXT PRIMARY KEY, pin TEXT, inode INTEGER, cookie INTEGER,
      bridge_index INTEGER, fingerprint TEXT) WITHOUT ROWID;
    CREATE TABLE pool (
      id INTEGER PRIMARY KEY, name TEXT UNIQUE, configuration TEXT, cursor BLOB);
    CREATE TABLE free_range (
      pool INTEGER, last BLOB, first BLOB, PRIMARY KEY (pool, last)) WITHOUT ROWID;
    CREATE TABLE allocation (
      pool INTEGER, address BLOB, container TEXT, ifname TEXT, note TEXT,
      PRIMARY KEY (pool, address)) WITHOUT ROWID;
    CREATE INDEX allocation_holder ON allocation (container, ifname);
    CREATE TABLE event (
      id INTEGER PRIMARY KEY, time INTEGER, verb TEXT, container TEXT,
      ifname TEXT, pod_namespace TEXT, pod_name TEXT, pod_uid TEXT,
      code INTEGER, microseconds INTEGER, message TEXT);
    """,
    // Whoever deletes or changes a network asks which pods are in it. A pool is named after its Subnet.
    """
    CREATE INDEX interface_network ON interface (network);
    UPDATE pool SET name = replace(replace(name, ' IPv4', '-v4'), ' IPv6', '-v6');
    """,
    // Which instances have a link to the transit, and what passes in them.
    """
    ALTER TABLE instance ADD COLUMN vni INTEGER DEFAULT 0;
    ALTER TABLE instance ADD COLUMN mode TEXT DEFAULT 'l2_l3';
    ALTER TABLE instance ADD COLUMN rpf INTEGER DEFAULT 1;
    """,
    // Which have an uplink, and whether the node reaches their pods by it.
    """
    ALTER TABLE instance ADD COLUMN uplink INTEGER DEFAULT 0;
    ALTER TABLE instance ADD COLUMN open_to_node INTEGER DEFAULT 0;
    """,
    // Allowed address pairs: with their interface, and by network and prefix.
    """
    ALTER TABLE interface ADD COLUMN pairs BLOB;
    CREATE TABLE pair (
      network TEXT, routed INTEGER, prefix BLOB, attachment INTEGER, position INTEGER, shared INTEGER, outside INTEGER,
      PRIMARY KEY (network, routed, prefix, attachment, position, shared)) WITHOUT ROWID;
    CREATE INDEX pair_outside ON pair (outside) WHERE outside <> 0;
    CREATE INDEX pair_interface ON pair (attachment, position);
    """,
    // What events said that were forgotten, counted by verb, code and duration.
    """
    CREATE TABLE tally (
      verb TEXT, code INTEGER, bound INTEGER, count INTEGER, microseconds INTEGER,
      PRIMARY KEY (verb, code, bound)) WITHOUT ROWID;
    """,
  ])

  /// The oldest version of `attachments.db` whose attachments and addresses this version can read as they are.
  static let oldestReadableAttachments: Int64 = 1
  /// The first version of `attachments.db` that knows pairs.
  static let attachmentsWithPairs: Int64 = 5
  /// The first version of `attachments.db` that counts.
  static let attachmentsWithTallies: Int64 = 6

  /// `objects.db`: what people defined.
  static let objects = Schema(migrations: [
    """
    CREATE TABLE namespace (
      name TEXT PRIMARY KEY, labels TEXT NOT NULL, annotations TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
    """,
    // Nothing ever wrote the first step's table.
    """
    DROP TABLE namespace;
    CREATE TABLE object (
      kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
      UNIQUE (kind, namespace, name));
    CREATE INDEX object_order ON object (kind, namespace || '/', name);
    CREATE TABLE reference (
      target_kind TEXT NOT NULL, target_namespace TEXT NOT NULL, target_name TEXT NOT NULL,
      kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
      PRIMARY KEY (target_kind, target_namespace, target_name, kind, namespace, name)) WITHOUT ROWID;
    CREATE INDEX reference_source ON reference (kind, namespace, name);
    CREATE TABLE network (
      namespace TEXT NOT NULL, name TEXT NOT NULL, actual_namespace TEXT NOT NULL, actual_name TEXT NOT NULL,
      uid TEXT NOT NULL, vni INTEGER NOT NULL, forwarding_mode TEXT NOT NULL, rpf TEXT NOT NULL,
      fabric_snat INTEGER NOT NULL, fabric_forwarding INTEGER NOT NULL, pod_network INTEGER NOT NULL,
      subnets TEXT NOT NULL,
      PRIMARY KEY (namespace, name)) WITHOUT ROWID;
    CREATE TABLE number (space TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE free_number (
      space TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (space, number)) WITHOUT ROWID;
    """,
    // What decides who reaches whom, and what was decided; the rows are written anew after this step.
    """
    ALTER TABLE network ADD COLUMN role TEXT NOT NULL DEFAULT '';
    ALTER TABLE network ADD COLUMN labels TEXT NOT NULL DEFAULT '';
    ALTER TABLE network ADD COLUMN import_targets TEXT NOT NULL DEFAULT '';
    ALTER TABLE network ADD COLUMN export_targets TEXT NOT NULL DEFAULT '';
    ALTER TABLE network ADD COLUMN imports TEXT NOT NULL DEFAULT '';
    ALTER TABLE network ADD COLUMN exports TEXT NOT NULL DEFAULT '';
    ALTER TABLE network ADD COLUMN refused TEXT NOT NULL DEFAULT '';
    CREATE INDEX network_refusing ON network (namespace, name) WHERE refused <> '';
    CREATE TABLE circle (id TEXT PRIMARY KEY, exporters TEXT NOT NULL, importers TEXT NOT NULL);
    """,
  ])
}
