import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Veth pairs: both ends in one message.
@Suite struct VethTests {
  static let requests = [
    Golden(
      "ip link add name vmi01 mtu 1500 address 02:00:00:00:00:01 master contrail0 up numtxqueues 1 numrxqueues 1 type veth peer name eth0 mtu 1500 address 02:00:00:00:00:02 numtxqueues 1 numrxqueues 1 group 77 netns pod",
      """
      bc 00 00 00  // length 188
      10 00 05 06  // RTM_NEWLINK, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 00 00 00 00 01 00 00 00 01 00 00 00  // ifinfomsg: link 0, flags 0x1, change 0x1
      08 00 04 00 dc 05 00 00  // IFLA_MTU 1500
      0a 00 01 00 02 00 00 00 00 01 00 00  // IFLA_ADDRESS 02:00:00:00:00:01
      08 00 0a 00 41 42 0f 00  // IFLA_MASTER 1000001
      08 00 1f 00 01 00 00 00  // IFLA_NUM_TX_QUEUES 1
      08 00 20 00 01 00 00 00  // IFLA_NUM_RX_QUEUES 1
      0a 00 03 00 76 6d 69 30 31 00 00 00  // IFLA_IFNAME vmi01
      64 00 12 00  // IFLA_LINKINFO
        08 00 01 00 76 65 74 68  // IFLA_INFO_KIND veth
        58 00 02 00  // IFLA_INFO_DATA
          54 00 01 00  // VETH_INFO_PEER
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: nothing but zeros
            08 00 04 00 dc 05 00 00  // IFLA_MTU 1500
            0a 00 01 00 02 00 00 00 00 02 00 00  // IFLA_ADDRESS 02:00:00:00:00:02
            08 00 1f 00 01 00 00 00  // IFLA_NUM_TX_QUEUES 1
            08 00 20 00 01 00 00 00  // IFLA_NUM_RX_QUEUES 1
            08 00 1b 00 4d 00 00 00  // IFLA_GROUP 77
            08 00 1c 00 04 00 00 00  // IFLA_NET_NS_FD 4
            09 00 03 00 65 74 68 30 00 00 00 00  // IFLA_IFNAME eth0
      """
    ) {
      $0.createLink(
        LinkAttributes(
          name: "vmi01", mtu: 1500, address: MACAddress("02:00:00:00:00:01"), master: 1_000_001, isUp: true,
          transmitQueues: 1, receiveQueues: 1),
        Veth(
          peer: LinkAttributes(
            name: "eth0", mtu: 1500, address: MACAddress("02:00:00:00:00:02"), transmitQueues: 1, receiveQueues: 1,
            group: 77, namespace: 4)))
    },
    Golden(
      "ip link set vmi01 alias a/eth0/uid",
      """
      30 00 00 00  // length 48
      10 00 05 00  // RTM_NEWLINK, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: link 2, flags 0x0, change 0x0
      0e 00 14 00 61 2f 65 74 68 30 2f 75 69 64 00 00  // IFLA_IFALIAS a/eth0/uid
      """
    ) { $0.setLink(.index(2), LinkAttributes(alias: "a/eth0/uid")) },
    Golden(
      "ip link delete dev vmi01",
      """
      20 00 00 00  // length 32
      11 00 05 00  // RTM_DELLINK, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: link 2, flags 0x0, change 0x0
      """
    ) { $0.deleteLink(.index(2)) },
    Golden(
      "ip link delete group 77",
      """
      28 00 00 00  // length 40
      11 00 05 00  // RTM_DELLINK, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: link 0, flags 0x0, change 0x0
      08 00 1b 00 4d 00 00 00  // IFLA_GROUP 77
      """
    ) { $0.deleteLinks(group: 77) },
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) {
    #expect(golden.written == golden.bytes)
  }
}
