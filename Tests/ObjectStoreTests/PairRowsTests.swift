import LinuxSystem
import NetworkAddresses
import NetworkAttachments
import SQLite
import Testing

@testable import ObjectStore

/// Who has which pairs, by network and prefix.
@Suite struct PairRowsTests {
  private func pair(
    _ prefix: String, _ mode: AllowedAddressPair.AddressMode = .activeActive, mac: String? = nil
  ) -> AllowedAddressPair {
    AllowedAddressPair(
      prefix: InterfaceAddress(prefix)!.network, mac: mac.map { MACAddress($0)! }, mode: mode)
  }

  private func attachment(_ container: String, _ address: String, _ pairs: [AllowedAddressPair])
    -> ObjectStore.Attachment
  {
    let interface = AttachedInterface(
      uuid: 1, name: "eth1", hostName: "vmi-" + container, mac: MACAddress("02:00:00:00:00:01")!,
      hostMAC: MACAddress("06:00:00:00:00:01")!, mtu: 1500, network: "lab/a", instance: "lab/a",
      addresses: [
        AttachedAddress(
          address: InterfaceAddress(address)!, gateway: IPAddress("172.16.1.1")!, defaultRouter: nil)
      ], pairs: pairs)
    return ObjectStore.Attachment(
      containerID: container, interfaceName: "eth0", networkName: "net", state: .attached,
      pod: PodReference(namespace: "lab", name: container, uid: ""), namespacePath: "/run/netns/" + container,
      namespace: NamespaceIdentity(inode: 1, cookie: 1), linkGroup: 1, created: 0, interfaces: [interface])
  }

  private func withPairs(_ body: (AttachmentTransaction) throws -> Void) throws {
    let test = TestStore()
    try test.open().transaction { (transaction) throws in
      try transaction.record(
        InstanceRecord(name: "lab/a", pin: "", identity: NamespaceIdentity(inode: 2, cookie: 2), bridgeIndex: 1, vni: 7)
      )
      let shared = pair("10.1.0.0/24")
      try transaction.record(attachment("one", "172.16.1.2/24", [shared, pair("172.16.1.100/32", .activeStandby)]))
      try transaction.record(
        attachment("two", "172.16.1.3/24", [shared, pair("10.9.9.9/32", .activeStandby, mac: "00:00:5e:00:01:07")]))
      try transaction.record(attachment("three", "172.16.1.4/24", [pair("10.1.0.128/25"), pair("fd00::/64")]))
      try body(transaction)
    }
  }

  @Test func theGatewayIsToldOfWhatIsSharedOrOutside() throws {
    try withPairs { (transaction) throws in
      let all = try transaction.routedPairs(network: "lab/a")
      #expect(
        all.map { "\($0.prefix) \($0.containerID) \($0.isShared)" } == [
          "10.1.0.0/24 one true", "10.1.0.0/24 two true", "10.1.0.128/25 three true", "10.9.9.9/32 two false",
          "fd00::/64 three true",
        ])
      let one = try transaction.routedPairs(network: "lab/a", prefix: pair("10.1.0.0/24").prefix)
      #expect(one.map(\.containerID) == ["one", "two"] && one[0].addresses == [IPAddress("172.16.1.2")!])
      let shared = try transaction.sharedPairs(network: "lab/a", of: IPAddress("172.16.1.3")!)
      #expect(shared.map(\.prefix.description) == ["10.1.0.0/24"])
      #expect(try transaction.routedPairs(network: "lab/b").isEmpty)
    }
  }

  @Test func whoIsOnTheWayOutIsNotCounted() throws {
    try withPairs { (transaction) throws in
      try transaction.mark(.pending, containerID: "two", interfaceName: "eth0")
      let found = try transaction.routedPairs(network: "lab/a", prefix: pair("10.1.0.0/24").prefix)
      #expect(found.map(\.containerID) == ["one"])
      #expect(try transaction.outsidePairs().allSatisfy { $0.prefix.description != "10.9.9.9/32" })
      try transaction.removeAttachment(containerID: "three", interfaceName: "eth0")
      #expect(try transaction.routedPairs(network: "lab/a").map(\.containerID) == ["one"])
    }
  }

  @Test(arguments: [
    ("10.1.0.0/24", true), ("10.1.0.128/25", true), ("10.1.0.200/32", true), ("10.0.0.0/8", true), ("0.0.0.0/0", true),
    ("10.2.0.0/24", false), ("fd00::/64", false), ("fd00::1/128", true), ("fd00::/32", true), ("fd01::/64", false),
    ("10.9.9.9/32", false), ("10.9.9.0/24", false),
  ])
  func nestedPrefixes(_ prefix: String, _ isNested: Bool) throws {
    try withPairs { (transaction) throws in
      #expect(try transaction.isNested(pair(prefix).prefix, network: "lab/a") == isNested)
    }
  }

  @Test func whatIsOutsideIsFoundByNetworkAndNumber() throws {
    try withPairs { (transaction) throws in
      let all = try transaction.outsidePairs()
      #expect(all.map(\.prefix.description) == ["10.1.0.0/24", "10.1.0.128/25", "10.9.9.9/32", "fd00::/64"])
      #expect(try transaction.outsidePairs(of: (["lab/a"], [])) == all)
      #expect(try transaction.outsidePairs(of: (["lab/b"], [7])) == all)
      #expect(try transaction.outsidePairs(of: (["lab/b"], [8])).isEmpty)
      #expect(try transaction.outsidePairs(of: ([], [])).isEmpty)
    }
  }

  @Test func holdersOfAddressesAndMACs() throws {
    try withPairs { (transaction) throws in
      func holders(_ address: String) throws -> [String] {
        try transaction.pairHolders(of: IPAddress(address)!, network: "lab/a").map(\.containerID)
      }
      #expect(try holders("172.16.1.100") == ["one"])
      #expect(try holders("10.9.9.9") == ["two"])
      // One of a prefix is nobody's.
      #expect(try holders("10.1.0.0") == [])
      #expect(try holders("172.16.1.101") == [])
      let mac = MACAddress("00:00:5e:00:01:07")!
      #expect(try transaction.pairHolders(of: mac, network: "lab/a").map(\.containerID) == ["two"])
      #expect(try transaction.pairHolders(of: mac, network: "lab/b").isEmpty)
      #expect(try transaction.pairHolders(of: MACAddress("02:00:00:00:00:01")!, network: "lab/a").isEmpty)
    }
  }

  /// Pods of a version that knew no pairs have none.
  @Test func interfacesOfOlderVersionsHaveNoPairs() throws {
    let test = TestStore()
    let connection = try Connection(path: test.path, .create)
    let older = Array(Schema.attachments.migrations.prefix(Int(Schema.attachmentsWithPairs) - 1))
    #expect(try Schema(migrations: older).migrate(connection) == 0)
    try connection.execute(
      """
      INSERT INTO epoch VALUES ('boot-1', 11, 101);
      INSERT INTO attachment VALUES (1, 'c', 'eth0', 'net', 1, 'lab', 'pod', 'uid', '/run/netns/x', 1, 1, 1, 0);
      INSERT INTO interface (attachment, position, uuid, name, host_name, mac, host_mac, mtu, network, instance, addresses)
      VALUES (1, 0, x'00000000000000000000000000000001', 'eth0', 'vmi1', 1, 2, 1500, 'lab/a', 'lab/a', x'');
      """)
    try test.open().transaction { (transaction) throws in
      let found = try #require(try transaction.attachment(containerID: "c", interfaceName: "eth0"))
      #expect(found.interfaces.map(\.pairs) == [[]])
      #expect(try transaction.routedPairs(network: "lab/a").isEmpty)
      #expect(try transaction.outsidePairs().isEmpty)
    }
  }
}
