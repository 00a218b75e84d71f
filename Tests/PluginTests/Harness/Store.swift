import Glibc
import SQLite

/// The attachment store as it lies on the disk.
///
/// It is read from a copy: opening the original would roll back what a killed plugin left, and so do its work.
struct Store {
  private let connection: Connection?
  private let copy: String

  init(_ node: Node) throws {
    copy = "\(node.directory)/store-copy"
    let original = "\(node.runDirectory)/attachments.db"
    guard access(original, F_OK) == 0 else {
      connection = nil
      return
    }
    for suffix in ["", "-journal"] { try Self.copy(original + suffix, to: copy + suffix) }
    connection = try Connection(path: copy, .readWrite)
  }

  /// Everything but the log of events, and the pools themselves, which stay known with the place where they look next.
  func rows() throws -> [String] {
    try texts("SELECT 'free ' || pool || ' ' || hex(first) || '-' || hex(last) FROM free_range")
      + texts("SELECT 'allocated ' || hex(address) || ' ' || container || ' ' || ifname FROM allocation")
      + texts("SELECT 'instance ' || name || ' ' || fingerprint FROM instance")
      + texts("SELECT 'attachment ' || container || ' ' || ifname || ' ' || network || ' ' || state FROM attachment")
      + texts("SELECT 'interface ' || name || ' ' || host_name || ' ' || hex(addresses) FROM interface")
  }

  /// The container IDs with a record.
  func attachments() throws -> [String] { try texts("SELECT container FROM attachment ORDER BY id") }

  /// 0 pending, 1 attached, `nil` without a record.
  func state(of pod: Pod) throws -> Int? {
    try texts("SELECT state FROM attachment WHERE container = '\(pod.container)'").first.flatMap { Int($0) }
  }

  /// The names of the pools.
  func pools() throws -> [String] { try texts("SELECT name FROM pool") }

  /// How the addresses that pods hold end, in hexadecimal digits.
  func lastOctets() throws -> [String] { try texts("SELECT substr(hex(address), -2) FROM allocation") }

  func allocations() throws -> Int { try texts("SELECT container FROM allocation").count }

  static func setSchemaVersion(_ version: Int, of path: String) throws {
    try Connection(path: path, .readWrite).execute("PRAGMA user_version = \(version)")
  }

  static func setBootID(_ bootID: String, of path: String) throws {
    try Connection(path: path, .readWrite).execute("UPDATE epoch SET boot = '\(bootID)'")
  }

  /// 0 pending, 1 attached: of every attachment.
  static func setState(_ state: Int, of path: String) throws {
    try Connection(path: path, .readWrite).execute("UPDATE attachment SET state = \(state)")
  }

  /// Changes a store behind the plugin's back.
  static func execute(_ statement: String, in path: String) throws {
    try Connection(path: path, .readWrite).execute(statement)
  }

  /// The copy is not there if the original is not.
  private static func copy(_ original: String, to copy: String) throws {
    unlink(copy)
    guard access(original, F_OK) == 0 else { return }
    try writeBytes(readBytes(original), to: copy)
  }

  private func texts(_ query: String) throws -> [String] {
    guard let connection else { return [] }
    // A store whose making was interrupted has no tables yet.
    guard try read(connection, "SELECT name FROM sqlite_master").contains("attachment") else { return [] }
    return try read(connection, query).sorted()
  }

  private func read(_ connection: Connection, _ query: String) throws -> [String] {
    let statement = try connection.prepare(query)
    var texts: [String] = []
    while try statement.step() { texts.append(statement.text(0)) }
    return texts
  }
}
