import LinuxSystem
import NetworkAddresses
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
}
