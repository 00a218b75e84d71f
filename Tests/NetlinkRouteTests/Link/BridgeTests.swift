import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Bridges: made, told options, brought up.
@Suite struct BridgeTests {
  static let requests = [
    Golden(
      "ip link add name contrail0 index 1000001 mtu 1500 address 00:00:5e:00:01:00 type bridge forward_delay 0 ageing_time 30000 stp_state 0 group_fwd_mask 8 mcast_snooping 0",
      """
      80 00 00 00  // length 128
      10 00 05 06  // RTM_NEWLINK, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 41 42 0f 00 00 00 00 00 00 00 00 00  // ifinfomsg: link 1000001, flags 0x0, change 0x0
      08 00 04 00 dc 05 00 00  // IFLA_MTU 1500
      0a 00 01 00 00 00 5e 00 01 00 00 00  // IFLA_ADDRESS 00:00:5e:00:01:00
      0e 00 03 00 63 6f 6e 74 72 61 69 6c 30 00 00 00  // IFLA_IFNAME contrail0
      3c 00 12 00  // IFLA_LINKINFO
        0a 00 01 00 62 72 69 64 67 65 00 00  // IFLA_INFO_KIND bridge
        2c 00 02 00  // IFLA_INFO_DATA
          08 00 01 00 00 00 00 00  // IFLA_BR_FORWARD_DELAY 0
          08 00 04 00 30 75 00 00  // IFLA_BR_AGEING_TIME 30000
          08 00 05 00 00 00 00 00  // IFLA_BR_STP_STATE 0
          06 00 09 00 08 00 00 00  // IFLA_BR_GROUP_FWD_MASK 8
          05 00 17 00 00 00 00 00  // IFLA_BR_MCAST_SNOOPING 0
      """
    ) {
      $0.createLink(
        LinkAttributes(index: 1_000_001, name: "contrail0", mtu: 1500, address: MACAddress("00:00:5e:00:01:00")),
        Bridge(
          forwardDelay: 0, ageingTime: 30000, spanningTree: false, groupForwardMask: 8, multicastSnooping: false))
    },
    Golden(
      "ip link set contrail0 addrgenmode none",
      """
      30 00 00 00  // length 48
      10 00 05 00  // RTM_NEWLINK, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 41 42 0f 00 00 00 00 00 00 00 00 00  // ifinfomsg: link 1000001, flags 0x0, change 0x0
      10 00 1a 00  // IFLA_AF_SPEC
        0c 00 0a 00  // AF_INET6
          05 00 08 00 01 00 00 00  // IFLA_INET6_ADDR_GEN_MODE 1
      """
    ) { $0.setLink(.index(1_000_001), LinkAttributes(addressGeneration: AddressGenerationMode.none)) },
    Golden(
      "ip link set contrail0 up",
      """
      20 00 00 00  // length 32
      10 00 05 00  // RTM_NEWLINK, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 41 42 0f 00 01 00 00 00 01 00 00 00  // ifinfomsg: link 1000001, flags 0x1, change 0x1
      """
    ) { $0.setLink(.index(1_000_001), LinkAttributes(isUp: true)) },
    Golden(
      "ip link set contrail0 type bridge vlan_filtering 1 no_linklocal_learn 1",
      """
      48 00 00 00  // length 72
      10 00 05 00  // RTM_NEWLINK, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 41 42 0f 00 00 00 00 00 00 00 00 00  // ifinfomsg: link 1000001, flags 0x0, change 0x0
      28 00 12 00  // IFLA_LINKINFO
        0a 00 01 00 62 72 69 64 67 65 00 00  // IFLA_INFO_KIND bridge
        18 00 02 00  // IFLA_INFO_DATA
          05 00 07 00 01 00 00 00  // IFLA_BR_VLAN_FILTERING 1
          0c 00 2e 00 01 00 00 00 01 00 00 00  // IFLA_BR_MULTI_BOOLOPT
      """
    ) { $0.setLink(.index(1_000_001), Bridge(vlanFiltering: true, noLinkLocalLearning: true)) },
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) {
    #expect(golden.written == golden.bytes)
  }

  @Test func readsBackWhatItWrites() {
    let options = Bridge(
      forwardDelay: 1, ageingTime: 2, spanningTree: true, vlanFiltering: false, groupForwardMask: 3,
      multicastSnooping: false, noLinkLocalLearning: true)
    var writer = MessageWriter()
    options.write(to: &writer)
    #expect(Bridge(reading: Attributes(writer.bytes[...])) == options)
    #expect(options.hasData)
    #expect(!Bridge().hasData)
  }
}
