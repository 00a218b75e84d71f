import ContrailIPAM
import Glibc
import LinuxSystem
import NetworkAddresses
import ObjectStore
import SQLite

/// A directory of its own with an attachment store in it.
final class TestStore {
  let directory: String
  var path: String { directory + "/attachments.db" }
  /// Which namespaces of other epochs are still there.
  var living: Set<UInt64> = []
  /// What a damaged database may be replaced for.
  var mayReplace = false
  private(set) var replaced: [String] = []

  static let epoch = Epoch(bootID: "boot-1", namespace: NamespaceIdentity(inode: 11, cookie: 101))

  init() {
    var template = Array("/tmp/contrail-store-XXXXXX".utf8CString)
    directory = mkdtemp(&template).map { String(cString: $0) } ?? ""
    mkdir(directory + "/locks", 0o700)
  }

  deinit {
    for path in replaced { remove(path) }
    for path in replaced { remove(path + "-journal") }
    for name in ["attachments.db", "attachments.db-journal", "locks/store", "locks", ""] {
      remove("\(directory)/\(name)")
    }
  }

  /// A store as a new process opens it.
  func open(epoch: Epoch = TestStore.epoch, timeout: UInt64 = 5_000_000_000) -> AttachmentStore {
    AttachmentStore(
      runDirectory: directory, note: "test", lockTimeout: timeout, epoch: epoch,
      namespaceExists: { self.living.contains($0.cookie) },
      damage: DamagePolicy(mayReplace: { self.mayReplace }, replaced: { self.replaced.append($1) }))
  }

  /// The database without its lock.
  func connect() throws -> Connection { try Connection(path: path, .readWrite) }

  func count(_ table: String) throws -> Int64 {
    let statement = try connect().prepare("SELECT count(*) FROM \(table)")
    try statement.step()
    return statement.integer(0)
  }

  /// A pod with an address, an instance and an event.
  func fill() throws {
    try open().transaction { (transaction) throws in
      try transaction.record(attachment("c1"))
      try transaction.record(InstanceRecord(name: "a/b"))
      try transaction.record(event(1))
      var pool = transaction.pool("p")
      try Pool("p", Subnet(parsing: "10.0.0.0/24")).allocate(
        for: Holder(owner: "c1", interface: "eth0"), in: &pool)
    }
  }
}

/// An attachment with as many interfaces as numbers.
func attachment(_ name: String, interfaces numbers: [UInt8] = [1], pod: String = "") -> Attachment {
  Attachment(
    containerID: name, interfaceName: "eth0", networkName: "net", state: .pending,
    pod: PodReference(namespace: "lab", name: name, uid: pod), namespacePath: "/run/netns/\(name)",
    namespace: NamespaceIdentity(inode: .max, cookie: .max - 1), linkGroup: 0x8000_0001, created: .max / 3,
    interfaces: numbers.map { number in
      AttachedInterface(
        uuid: UInt128(number) << 120 | 5, name: "eth\(number)", hostName: "vmi\(number)",
        mac: MACAddress(rawValue: 0x0200_0000_0000 | UInt64(number)), hostMAC: MACAddress(rawValue: 0xffff_ffff_ffff),
        mtu: 9000, network: "ns/net\(number)", instance: "ns/net\(number)",
        addresses: [
          AttachedAddress(
            address: InterfaceAddress("10.0.0.\(number)/8")!, gateway: IPAddress("10.255.255.254")!,
            isDefaultRoute: number == 1),
          AttachedAddress(
            address: InterfaceAddress("fd00::\(number)/127")!, gateway: IPAddress("fe80::1")!, isDefaultRoute: false),
        ])
    })
}

func event(_ number: Int) -> Event {
  Event(
    time: UInt64(number), verb: "ADD", containerID: "c\(number)", interfaceName: "eth0", pod: PodReference(),
    code: Int64(number % 3), microseconds: 77, message: "")
}
