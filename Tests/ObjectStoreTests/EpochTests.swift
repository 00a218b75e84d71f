import LinuxSystem
import Testing

@testable import ObjectStore

/// What was made in another boot, or in another node, is not taken for this one's.
struct EpochTests {
  @Test(arguments: [
    Epoch(bootID: "boot-2", namespace: TestStore.epoch.namespace),
    Epoch(bootID: "boot-2", namespace: NamespaceIdentity(inode: 12, cookie: 102)),
    Epoch(bootID: "boot-1", namespace: NamespaceIdentity(inode: 11, cookie: 102)),
    Epoch(bootID: "boot-1", namespace: NamespaceIdentity(inode: 12, cookie: 102)),
  ]) func anotherEpochWhoseNamespaceIsGone(_ epoch: Epoch) throws {
    let test = TestStore()
    try test.fill()
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
    try test.fill()
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
}
