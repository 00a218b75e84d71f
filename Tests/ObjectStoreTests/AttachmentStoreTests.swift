import CSQLite
import ContrailIPAM
import Glibc
import LinuxSystem
import NetworkAddresses
import SQLite
import Testing

@testable import ObjectStore

/// What is recorded is read back, by later processes too; what fails leaves no trace.
struct AttachmentStoreTests {
  @Test func attachmentsComeBack() throws {
    let test = TestStore()
    let first = attachment("c1", interfaces: [1, 2, 3], pod: "uid-1")
    let second = attachment("c2", interfaces: [], pod: "uid-1")
    try test.open().transaction { (transaction) throws in
      try transaction.record(first)
      try transaction.record(second)
      try transaction.record(attachment("c3"))
    }
    try test.open().transaction { (transaction) throws in
      #expect(try transaction.attachment(containerID: "c1", interfaceName: "eth0") == first)
      #expect(try transaction.attachment(containerID: "c1", interfaceName: "eth1") == nil)
      #expect(try transaction.attachments(podUID: "uid-1") == [first, second])
      #expect(try transaction.attachments(podUID: "").isEmpty, "without a UID no two are of one pod")
      #expect(try transaction.attachments(networkName: "net").count == 3)
      #expect(try transaction.attachments(networkName: "other").isEmpty)
      #expect(try transaction.attachments(instance: "ns/net2") == [first])
      #expect(try transaction.isInUse(instance: "ns/net3") && !transaction.isInUse(instance: "ns/net4"))
      try transaction.mark(.attached, containerID: "c1", interfaceName: "eth0")
    }
    try test.open().transaction { (transaction) throws in
      var attached = first
      attached.state = .attached
      #expect(try transaction.attachment(containerID: "c1", interfaceName: "eth0") == attached)
      try transaction.removeAttachment(containerID: "c2", interfaceName: "eth0")
    }
    #expect(try test.count("attachment") == 2 && test.count("interface") == 4)
    // One container has an interface name once.
    #expect(throws: StoreError.self) { try test.open().transaction { try $0.record(first) } }
    #expect(try test.count("attachment") == 2 && test.count("interface") == 4)
  }

  @Test func instancesComeBack() throws {
    let test = TestStore()
    let instances = [
      InstanceRecord(name: "a/b", pin: "/run/x", identity: NamespaceIdentity(inode: 7, cookie: .max)),
      InstanceRecord(name: "c/d", bridgeIndex: .max, fingerprint: "v1"),
    ]
    try test.open().transaction { (transaction) throws in
      for instance in instances { try transaction.record(instance) }
      var changed = instances[0]
      changed.bridgeIndex = 5
      try transaction.record(changed)
      try transaction.record(instances[0])
    }
    try test.open().transaction { (transaction) throws in
      #expect(try transaction.instances() == ["a/b", "c/d"])
      for instance in instances { #expect(try transaction.instance(instance.name) == instance) }
      try transaction.removeInstance("a/b")
      #expect(try transaction.instance("a/b") == nil && transaction.instances() == ["c/d"])
    }
  }

  @Test func aFailureLeavesNoTrace() throws {
    struct Failure: Error {}
    let test = TestStore()
    let store = test.open()
    try store.transaction { try $0.record(attachment("c1")) }
    #expect(throws: Failure.self) {
      try store.transaction { (transaction) throws in
        try transaction.record(attachment("c2"))
        try transaction.removeAttachment(containerID: "c1", interfaceName: "eth0")
        throw Failure()
      }
    }
    try store.transaction { (transaction) throws in
      #expect(try transaction.attachments(networkName: "net").map(\.containerID) == ["c1"])
    }
  }

  // The last events are kept, and never more than one portion beyond the limit, however many there were.
  @Test func onlyTheLastEventsAreKept() throws {
    let test = TestStore()
    let limit = Int(AttachmentTransaction.eventLimit)
    let portion = Int(AttachmentTransaction.eventPortion)
    try test.open().transaction { (transaction) throws in
      for number in 0..<limit + 3 * portion + 30 {
        try transaction.record(event(number))
        guard number >= limit, number % 7 == 0 else { continue }
        let events = try transaction.events()
        #expect(events.count >= limit && events.count < limit + portion && events.last == event(number))
      }
    }
    try test.open().transaction { (transaction) throws in
      let events = try transaction.events()
      #expect(events.count == limit + 30 && events.first == event(3 * portion))
    }
  }

  // MARK: Epochs

  @Test(arguments: [
    Epoch(bootID: "boot-2", namespace: TestStore.epoch.namespace),
    Epoch(bootID: "boot-2", namespace: NamespaceIdentity(inode: 12, cookie: 102)),
    Epoch(bootID: "boot-1", namespace: NamespaceIdentity(inode: 11, cookie: 102)),
    Epoch(bootID: "boot-1", namespace: NamespaceIdentity(inode: 12, cookie: 102)),
  ]) func anotherEpochWhoseNamespaceIsGone(_ epoch: Epoch) throws {
    let test = TestStore()
    try fill(test)
    // Another boot's namespaces are gone, whatever has their numbers now.
    if epoch.bootID != "boot-1" { test.living = [101] }
    try test.open(epoch: epoch).transaction { (transaction) throws in
      #expect(try transaction.attachments(networkName: "net").isEmpty && transaction.instances().isEmpty)
      #expect(try transaction.events() == [event(1)])
      var pool = transaction.pool("p")
      #expect(try pool.state() == nil)
    }
    for table in ["attachment", "interface", "instance", "pool", "free_range", "allocation"] {
      #expect(try test.count(table) == 0, "\(table)")
    }
    // It is its own epoch from now on.
    try test.open(epoch: epoch).transaction { try $0.record(attachment("c9")) }
    try test.open(epoch: epoch).transaction { (transaction) throws in
      #expect(try transaction.attachments(networkName: "net").count == 1)
    }
  }

  @Test func anotherNamespaceThatIsStillThere() throws {
    let test = TestStore()
    try fill(test)
    test.living = [101]
    let stranger = Epoch(bootID: "boot-1", namespace: NamespaceIdentity(inode: 12, cookie: 102))
    for _ in 0..<2 {
      let store = test.open(epoch: stranger)
      for _ in 0..<2 {
        let error = #expect(throws: StoreError.self) { try store.transaction { try $0.record(attachment("c9")) } }
        guard case .foreignEpoch(test.path, TestStore.epoch, stranger) = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
      }
    }
    try test.open().transaction { (transaction) throws in
      #expect(try transaction.attachments(networkName: "net").map(\.containerID) == ["c1"])
    }
  }

  private func fill(_ test: TestStore) throws {
    try test.open().transaction { (transaction) throws in
      try transaction.record(attachment("c1"))
      try transaction.record(InstanceRecord(name: "a/b"))
      try transaction.record(event(1))
      var pool = transaction.pool("p")
      try Pool("p", Subnet(parsing: "10.0.0.0/24")).allocate(
        for: Holder(owner: "c1", interface: "eth0"), in: &pool)
    }
  }

  // MARK: Versions

  @Test func aNewerSchemaIsRefused() throws {
    let test = TestStore()
    try fill(test)
    try test.connect().execute("PRAGMA user_version = 99")
    let error = #expect(throws: StoreError.self) { try test.open().transaction { try $0.record(attachment("c2")) } }
    guard case .newerSchema(test.path, 99, Schema.attachments.version) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try test.count("attachment") == 1)
  }

  /// Each version becomes the newest by the steps that it lacks; a step that fails leaves the version it was.
  @Test(arguments: 0...3) func olderSchemasAreMigrated(_ version: Int) throws {
    let test = TestStore()
    let steps = [
      "CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "ALTER TABLE a RENAME TO b; INSERT INTO b VALUES (2)",
    ]
    let connection = try Connection(path: test.path, .create)
    #expect(try Schema(migrations: Array(steps[..<version])).migrate(connection) == 0)
    #expect(try Schema(migrations: steps).migrate(connection) == version)
    #expect(try Schema(migrations: steps).migrate(connection) == 3)
    let rows = try connection.prepare("SELECT group_concat(x) FROM b")
    try rows.step()
    #expect(rows.text(0) == "1,2")
    try connection.execute("BEGIN")
    #expect(throws: SQLiteError.self) {
      _ = try Schema(migrations: steps + ["CREATE TABLE c (x)", "NONSENSE"]).migrate(connection)
    }
    try connection.execute("ROLLBACK")
    #expect(try Schema(migrations: steps).migrate(connection) == 3)
  }

  /// The addresses of pods that run stay theirs: a pool that is called otherwise would give them to others.
  @Test func poolsOfTheFirstVersionKeepTheirAddresses() throws {
    let test = TestStore()
    let connection = try Connection(path: test.path, .create)
    let first = Array(Schema.attachments.migrations.prefix(1))
    #expect(try Schema(migrations: first).migrate(connection) == 0)
    try connection.execute(
      "INSERT INTO pool VALUES (7, 'k8s-contrail/default-podnetwork IPv4', '', NULL), (8, 'x/y IPv6', '', NULL)")
    #expect(try Schema.attachments.migrate(connection) == 1)
    let names = try connection.prepare("SELECT group_concat(name) FROM (SELECT name FROM pool ORDER BY id)")
    try names.step()
    #expect(names.text(0) == "k8s-contrail/default-podnetwork-v4,x/y-v6")
  }

  // MARK: Damage

  @Test func damageIsReportedAndReplacedOnlyIfItMayBe() throws {
    let test = TestStore()
    try fill(test)
    let rubbish = [UInt8](repeating: 0xa5, count: 5000)
    let file = Glibc.open(test.path, O_WRONLY)
    pwrite(file, rubbish, rubbish.count, 0)
    close(file)
    let store = test.open()
    for _ in 0..<2 {
      let error = #expect(throws: StoreError.self) { try store.transaction { _ in } }
      guard case .corrupt(test.path, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(try test.replaced.isEmpty && readFile(test.path, limit: 1 << 20).starts(with: rubbish))
    test.mayReplace = true
    // By the same process, and it is the body that runs again.
    try store.transaction { try $0.record(attachment("c7")) }
    #expect(test.replaced.count == 1 && test.replaced[0].hasPrefix(test.path + ".corrupt-"))
    #expect(try readFile(test.replaced[0], limit: 1 << 20).starts(with: rubbish))
    try test.open().transaction { (transaction) throws in
      #expect(try transaction.attachments(networkName: "net").map(\.containerID) == ["c7"])
    }
  }

  // MARK: Cost

  /// What one ADD reads and writes does not depend on how many pods there are: the pages of a few trees' depth.
  @Test func aTransactionTouchesFewPages() throws {
    let pool = Pool("pods", try Subnet(parsing: "10.32.0.0/12"))
    let filler = IPv4Address("10.40.0.0")!
    func pages(with rows: Int) throws -> (read: Int, written: Int) {
      let test = TestStore()
      try test.open().transaction { (transaction) throws in
        var addresses = transaction.pool("pods")
        try pool.allocate(for: Holder(owner: "first", interface: "eth0"), in: &addresses)
        for number in 0..<UInt32(rows) {
          let holder = Holder(owner: "filler-\(number)", interface: "eth0")
          let address = IPAddress.v4(IPv4Address(rawValue: filler.rawValue + number))
          try addresses.insertAllocation(Allocation(address, holder))
        }
      }
      try test.open().transaction { (transaction) throws in
        for number in 0..<rows { try transaction.record(attachment("filler-\(number)", pod: "uid-\(number)")) }
      }
      return try PageCounter.during {
        try test.open().transaction { (transaction) throws in
          #expect(try transaction.attachment(containerID: "new", interfaceName: "eth0") == nil)
          #expect(try transaction.attachments(podUID: "uid-new").isEmpty)
          try transaction.record(attachment("new", pod: "uid-new"))
          try transaction.record(event(1))
          var addresses = transaction.pool("pods")
          try pool.allocate(for: Holder(owner: "new", interface: "eth0"), in: &addresses)
        }
        try test.open().transaction { (transaction) throws in
          var addresses = transaction.pool("pods")
          #expect(try addresses.release(owner: "new", interface: "eth0").count == 1)
          try transaction.removeAttachment(containerID: "new", interfaceName: "eth0")
        }
      }
    }
    let few = try pages(with: 10)
    let many = try pages(with: 20_000)
    print("pages of a transaction with 10 rows: \(few), with 20,000: \(many)")
    #expect(few.read > 0 && few.written > 0)
    #expect(many.read < few.read + 40 && many.written < few.written + 40)
  }
}

/// Counts the pages that connections of this process read and write.
private enum PageCounter {
  nonisolated(unsafe) private static var opened: [OpaquePointer] = []
  nonisolated(unsafe) private static var isCounting = false
  nonisolated(unsafe) private static var total = (read: 0, written: 0)

  static func during(_ body: () throws -> Void) throws -> (read: Int, written: Int) {
    total = (0, 0)
    let fileExtension:
      @convention(c) (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, UnsafeRawPointer?) -> Int32 =
        {
          connection, _, _ in
          sqlite3_commit_hook(
            connection,
            { handle in
              PageCounter.take(OpaquePointer(handle))
              return 0
            }, UnsafeMutableRawPointer(connection))
          return SQLITE_OK
        }
    let function = unsafeBitCast(fileExtension, to: (@convention(c) () -> Void).self)
    sqlite3_auto_extension(function)
    defer { sqlite3_cancel_auto_extension(function) }
    try body()
    return total
  }

  /// At the commit, when the pages are known but not yet written out: those that are dirty are what will be.
  private static func take(_ connection: OpaquePointer?) {
    var (current, highest) = (0 as Int32, 0 as Int32)
    sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_MISS, &current, &highest, 1)
    total.read += Int(current)
    sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_USED, &current, &highest, 0)
    total.written += Int(current) / 4096
  }
}
