import AddressStoreContract
import ContrailIPAM
import Glibc
import LinuxSystem
import NetworkAddresses
import ObjectStore
import Testing

/// The pools in the database keep the contract of the IPAM library's stores.
struct PoolStoreContractTests {
  private func withPool(_ body: (inout PoolStore) throws -> Void) throws {
    var template = Array("/tmp/contrail-pools-XXXXXX".utf8CString)
    let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { removeTree(directory) }
    mkdir(directory + "/locks", 0o700)
    let store = AttachmentStore(
      runDirectory: directory, note: "test", lockTimeout: 5_000_000_000,
      epoch: Epoch(bootID: "boot", namespace: NamespaceIdentity(inode: 1, cookie: 2)))
    try store.transaction { transaction in
      // Another pool's rows must not be seen.
      var other = transaction.pool("other")
      try Pool("other", Subnet(parsing: "10.0.0.0/24")).allocate(
        for: Holder(owner: "c1", interface: "eth0"), in: &other)
      var pool = transaction.pool("default")
      try body(&pool)
      #expect(try other.addresses(owner: "c1", interface: "eth0").map(\.description) == ["10.0.0.2"])
    }
  }

  @Test(arguments: AddressStoreCheck.allCases) func keepsTheContract(_ check: AddressStoreCheck) throws {
    try withPool { pool in try check.run(on: &pool) }
  }

  @Test(arguments: ["10.0.0.0/27", "2001:db8::/123"]) func randomSteps(prefix: String) throws {
    let seed = UInt64.random(in: 0...9_999_999)
    print("PoolStore, \(prefix): seed \(seed)")
    let subnet = try Subnet(parsing: prefix)
    try withPool { pool in
      _ = try runRandomSteps(
        500, seed: seed, pools: [Pool("p", subnet), Pool("p", subnet, order: .descending)], on: &pool)
    }
  }

  private func removeTree(_ directory: String) {
    for name in ["attachments.db", "attachments.db-journal", "locks/store", "locks", ""] {
      remove("\(directory)/\(name)")
    }
  }
}
