import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Links as the kernel describes them.
@Suite struct LinkTests {
  /// What the kernel answers to `ip link show dev vmi01` about a bridge's port whose peer is in another namespace;
  /// shortened.
  static let port = Golden(
    "ip link show dev vmi01",
    """
    ec 00 00 00  // length 236
    10 00 00 00  // RTM_NEWLINK, flags 0x0
    00 00 00 00 00 00 00 00  // sequence, port
    00 00 01 00 05 00 00 00 03 10 00 00 00 00 00 00  // ifinfomsg: link 5, flags 0x1003, change 0x0
    0a 00 03 00 76 6d 69 30 31 00 00 00  // IFLA_IFNAME vmi01
    05 00 10 00 02 00 00 00  // IFLA_OPERSTATE 2
    08 00 04 00 78 05 00 00  // IFLA_MTU 1400
    08 00 1b 00 00 00 00 00  // IFLA_GROUP 0
    08 00 1f 00 02 00 00 00  // IFLA_NUM_TX_QUEUES 2
    08 00 0a 00 41 42 0f 00  // IFLA_MASTER 1000001
    0f 00 14 00 61 2f 65 74 68 30 2f 75 69 64 00 00  // IFLA_IFALIAS a/eth0/uid
    0a 00 01 00 02 00 00 00 00 01 00 00  // IFLA_ADDRESS 02:00:00:00:00:01
    08 00 25 00 00 00 00 00  // IFLA_LINK_NETNSID 0
    08 00 05 00 02 00 00 00  // IFLA_LINK 2
    0c 00 06 00 6e 6f 71 75 65 75 65 00  // IFLA_QDISC noqueue
    48 00 12 00  // IFLA_LINKINFO
      09 00 01 00 76 65 74 68 00 00 00 00  // IFLA_INFO_KIND veth
      0b 00 04 00 62 72 69 64 67 65 00 00  // IFLA_INFO_SLAVE_KIND bridge
      2c 00 05 00  // IFLA_INFO_SLAVE_DATA
        05 00 01 00 00 00 00 00  // IFLA_BRPORT_STATE 0
        06 00 02 00 20 00 00 00  // IFLA_BRPORT_PRIORITY 32
        05 00 04 00 01 00 00 00  // IFLA_BRPORT_MODE 1
        05 00 08 00 00 00 00 00  // IFLA_BRPORT_LEARNING 0
        05 00 09 00 01 00 00 00  // IFLA_BRPORT_UNICAST_FLOOD 1
    18 00 1a 00  // IFLA_AF_SPEC
      14 00 0a 00  // AF_INET6
        08 00 01 00 00 00 00 00  // IFLA_INET6_FLAGS 0
        05 00 08 00 01 00 00 00  // IFLA_INET6_ADDR_GEN_MODE 1
    """
  ) { _ in }

  @Test func aBridgesPortIsRead() throws {
    let link = try #require(Link(Self.port.message))
    #expect(link.index == 5)
    #expect(link.name == "vmi01")
    #expect(link.mtu == 1400)
    #expect(link.address == MACAddress("02:00:00:00:00:01"))
    #expect(link.isUp && !link.flags.contains(.running))
    #expect(link.operationalState == .down)
    #expect(link.master == 1_000_001)
    #expect(link.peerIndex == 2)
    #expect(link.peerNamespace == 0)
    #expect(link.group == 0)
    #expect(link.alias == "a/eth0/uid")
    #expect(link.kind == Veth.name)
    #expect(link.bridge == nil)
    #expect(
      link.bridgePort == BridgePort(state: .disabled, hairpin: true, learning: false, unicastFlood: true))
    #expect(link.addressGeneration == AddressGenerationMode.none)
  }

  @Test func whatIsUnknownSurvives() throws {
    let link = try #require(Link(Self.port.message))
    #expect(link.others.map(\.type) == [31, 6])
    #expect(link.others.last?.bytes == Array("noqueue\0".utf8))
  }

  @Test func isNotReadFromAPart() {
    for part in Self.port.parts { _ = Link(part) }
    #expect(Link(Self.port.cut(to: 15)) == nil)
    #expect(Link(Self.port.cut(to: Self.port.message.payload.count - 1)) == nil)
  }

  @Test func anotherMessageIsNoLink() {
    let message = Message(type: 20, flags: [], sequence: 0, port: 0, payload: Self.port.message.payload)
    #expect(Link(message) == nil)
  }

  @Test func aLinkIsAskedForByName() {
    let golden = Golden(
      "ip link show dev vmi01",
      """
      34 00 00 00  // length 52
      12 00 01 00  // RTM_GETLINK, flags 0x1
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: nothing but zeros
      08 00 1d 00 08 00 00 00  // IFLA_EXT_MASK RTEXT_FILTER_SKIP_STATS (ip adds RTEXT_FILTER_VF)
      0a 00 03 00 76 6d 69 30 31 00 00 00  // IFLA_IFNAME vmi01
      """
    ) { $0.getLink(.name("vmi01")) }
    #expect(golden.written == golden.bytes)
  }
}
