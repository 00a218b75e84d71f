import KernelSandbox
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// One message of each kind, byte for byte. `nft` sends the same attributes in another order, and more user data, which
// only programs read. Numbers in headers are those of a little-endian machine.

private let table = Table(.bridge, "t")
private let pairs = NamedSet("s", key: [.interfaceName, .ipv4Address], flags: .interval)
private let ranges = NamedSet("r", key: [.ipv4Address], flags: .interval)
private let verdicts = NamedSet("v", key: [.etherType], content: .verdict)

private let network = IPPrefix(containing: .v4(IPv4Address("10.0.0.0")!), length: 24)

/// The transaction's only operation.
private func operation(_ fill: (inout Transaction) -> Void) -> [UInt8] {
  var transaction = Transaction()
  fill(&transaction)
  return Array(transaction.datagram().dropFirst(20).dropLast(20))
}

/// Bytes in hexadecimal; what follows a `#` is a comment.
private func bytes(_ text: String) -> [UInt8] {
  text.split(separator: "\n").flatMap { line in
    line.prefix { $0 != "#" }.split(separator: " ").map { UInt8($0, radix: 16)! }
  }
}

@Suite struct GoldenTests {
  @Test func emptyTransaction() {
    Sandbox.expectEqual(
      Transaction(expecting: 7).datagram(),
      bytes(
        """
        1c 00 00 00  # length
        10 00  # NFNL_MSG_BATCH_BEGIN
        01 00  # NLM_F_REQUEST
        01 00 00 00 00 00 00 00  # sequence number, port
        00 00 00 0a  # no family, NFNETLINK_V0, NFNL_SUBSYS_NFTABLES
        08 00 01 00 00 00 00 07  # NFNL_BATCH_GENID 7
        14 00 00 00  # length
        11 00  # NFNL_MSG_BATCH_END
        01 00  # NLM_F_REQUEST
        02 00 00 00 00 00 00 00  # sequence number, port
        00 00 00 0a  # no family, NFNETLINK_V0, NFNL_SUBSYS_NFTABLES
        """))
  }

  @Test func addTable() {
    Sandbox.expectEqual(
      operation { $0.add(table) },
      bytes(
        """
        24 00 00 00  # length
        00 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE
        05 04  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_TABLE_NAME "t"
        08 00 02 00 00 00 00 00  # NFTA_TABLE_FLAGS 0
        """))
  }

  @Test func addBaseChain() {
    Sandbox.expectEqual(
      operation { $0.add(Chain("c", type: .filter, hook: .prerouting, priority: -200, policy: .accept), to: table) },
      bytes(
        """
        4c 00 00 00  # length
        03 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN
        05 04  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_CHAIN_TABLE "t"
        06 00 03 00 63 00 00 00  # NFTA_CHAIN_NAME "c"
        14 00 04 80  # NFTA_CHAIN_HOOK
          08 00 01 00 00 00 00 00  # NFTA_HOOK_HOOKNUM NF_BR_PRE_ROUTING
          08 00 02 00 ff ff ff 38  # NFTA_HOOK_PRIORITY -200
        08 00 05 00 00 00 00 01  # NFTA_CHAIN_POLICY NF_ACCEPT
        0b 00 07 00 66 69 6c 74 65 72 00 00  # NFTA_CHAIN_TYPE "filter"
        """))
  }

  @Test func addRule() {
    Sandbox.expectEqual(
      operation {
        $0.add(
          rule: [
            .inputInterface(prefix: "vmi"), .lookup([.inputInterface, .ipv4Source], in: "s", inverted: true), .counter,
            .jump("d"),
          ], comment: "n", to: "c", in: table)
      },
      bytes(
        """
        50 01 00 00  # length
        06 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE
        05 0c  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_RULE_TABLE "t"
        06 00 02 00 63 00 00 00  # NFTA_RULE_CHAIN "c"
        24 01 04 80  # NFTA_RULE_EXPRESSIONS
          24 00 01 80  # NFTA_LIST_ELEM
            09 00 01 00 6d 65 74 61 00 00 00 00  # NFTA_EXPR_NAME "meta"
            14 00 02 80  # NFTA_EXPR_DATA
              08 00 02 00 00 00 00 06  # NFTA_META_KEY NFT_META_IIFNAME
              08 00 01 00 00 00 00 01  # NFTA_META_DREG NFT_REG_1
          2c 00 01 80  # NFTA_LIST_ELEM
            08 00 01 00 63 6d 70 00  # NFTA_EXPR_NAME "cmp"
            20 00 02 80  # NFTA_EXPR_DATA
              08 00 01 00 00 00 00 01  # NFTA_CMP_SREG NFT_REG_1
              08 00 02 00 00 00 00 00  # NFTA_CMP_OP NFT_CMP_EQ
              0c 00 03 80  # NFTA_CMP_DATA
                07 00 01 00 76 6d 69 00  # NFTA_DATA_VALUE "vmi"
          24 00 01 80  # NFTA_LIST_ELEM
            09 00 01 00 6d 65 74 61 00 00 00 00  # NFTA_EXPR_NAME "meta"
            14 00 02 80  # NFTA_EXPR_DATA
              08 00 02 00 00 00 00 06  # NFTA_META_KEY NFT_META_IIFNAME
              08 00 01 00 00 00 00 01  # NFTA_META_DREG NFT_REG_1
          34 00 01 80  # NFTA_LIST_ELEM
            0c 00 01 00 70 61 79 6c 6f 61 64 00  # NFTA_EXPR_NAME "payload"
            24 00 02 80  # NFTA_EXPR_DATA
              08 00 01 00 00 00 00 02  # NFTA_PAYLOAD_DREG NFT_REG_2, four words on
              08 00 02 00 00 00 00 01  # NFTA_PAYLOAD_BASE NFT_PAYLOAD_NETWORK_HEADER
              08 00 03 00 00 00 00 0c  # NFTA_PAYLOAD_OFFSET 12
              08 00 04 00 00 00 00 04  # NFTA_PAYLOAD_LEN 4
          2c 00 01 80  # NFTA_LIST_ELEM
            0b 00 01 00 6c 6f 6f 6b 75 70 00 00  # NFTA_EXPR_NAME "lookup"
            1c 00 02 80  # NFTA_EXPR_DATA
              08 00 02 00 00 00 00 01  # NFTA_LOOKUP_SREG NFT_REG_1
              06 00 01 00 73 00 00 00  # NFTA_LOOKUP_SET "s"
              08 00 05 00 00 00 00 01  # NFTA_LOOKUP_FLAGS NFT_LOOKUP_F_INV
          14 00 01 80  # NFTA_LIST_ELEM
            0c 00 01 00 63 6f 75 6e 74 65 72 00  # NFTA_EXPR_NAME "counter"
            04 00 02 80  # NFTA_EXPR_DATA
          38 00 01 80  # NFTA_LIST_ELEM
            0e 00 01 00  # NFTA_EXPR_NAME "immediate"
              69 6d 6d 65 64 69 61 74
              65 00 00 00
            24 00 02 80  # NFTA_EXPR_DATA
              08 00 01 00 00 00 00 00  # NFTA_IMMEDIATE_DREG NFT_REG_VERDICT
              18 00 02 80  # NFTA_IMMEDIATE_DATA
                14 00 02 80  # NFTA_DATA_VERDICT
                  08 00 01 00 ff ff ff fd  # NFTA_VERDICT_CODE NFT_JUMP
                  06 00 02 00 64 00 00 00  # NFTA_VERDICT_CHAIN "d"
        08 00 07 00 00 02 6e 00  # NFTA_RULE_USERDATA: comment, two bytes, "n"
        """))
  }

  @Test func addSetOfConcatenatedRanges() {
    Sandbox.expectEqual(
      operation { $0.add(pairs, to: table) },
      bytes(
        """
        70 00 00 00  # length
        09 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET
        05 04  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_SET_TABLE "t"
        06 00 02 00 73 00 00 00  # NFTA_SET_NAME "s"
        08 00 03 00 00 00 00 84  # NFTA_SET_FLAGS NFT_SET_INTERVAL | NFT_SET_CONCAT
        08 00 04 00 00 00 0a 47  # NFTA_SET_KEY_TYPE ifname 41 << 6 | ipv4_addr 7
        08 00 05 00 00 00 00 14  # NFTA_SET_KEY_LEN 20
        08 00 0a 00 00 00 00 01  # NFTA_SET_ID 1
        20 00 09 80  # NFTA_SET_DESC
          1c 00 02 80  # NFTA_SET_DESC_CONCAT
            0c 00 01 80  # NFTA_LIST_ELEM
              08 00 01 00 00 00 00 10  # NFTA_SET_FIELD_LEN 16
            0c 00 01 80  # NFTA_LIST_ELEM
              08 00 01 00 00 00 00 04  # NFTA_SET_FIELD_LEN 4
        0a 00 0d 00 00 04 00 00 00 00 00 00  # NFTA_SET_USERDATA of the keys' byte order
        """))
  }

  @Test func addVerdictMap() {
    Sandbox.expectEqual(
      operation { $0.add(verdicts, to: table) },
      bytes(
        """
        60 00 00 00  # length
        09 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET
        05 04  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_SET_TABLE "t"
        06 00 02 00 76 00 00 00  # NFTA_SET_NAME "v"
        08 00 03 00 00 00 00 08  # NFTA_SET_FLAGS NFT_SET_MAP
        08 00 04 00 00 00 00 0a  # NFTA_SET_KEY_TYPE ether_type
        08 00 05 00 00 00 00 02  # NFTA_SET_KEY_LEN 2
        08 00 06 00 ff ff ff 00  # NFTA_SET_DATA_TYPE NFT_DATA_VERDICT
        08 00 07 00 00 00 00 00  # NFTA_SET_DATA_LEN 0
        08 00 0a 00 00 00 00 01  # NFTA_SET_ID 1
        0a 00 0d 00 00 04 02 00 00 00 00 00  # NFTA_SET_USERDATA of the keys' byte order
        """))
  }

  @Test func addConcatenatedRange() {
    Sandbox.expectEqual(
      operation { $0.add([SetElement(.interface("vmi1"), in: network)], to: pairs, in: table) },
      bytes(
        """
        64 00 00 00  # length
        0c 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM
        05 04  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_SET_ELEM_LIST_TABLE "t"
        06 00 02 00 73 00 00 00  # NFTA_SET_ELEM_LIST_SET "s"
        40 00 03 80  # NFTA_SET_ELEM_LIST_ELEMENTS
          3c 00 01 80  # NFTA_LIST_ELEM
            1c 00 01 80  # NFTA_SET_ELEM_KEY
              18 00 01 00  # NFTA_DATA_VALUE "vmi1", padded, 10.0.0.0
                76 6d 69 31 00 00 00 00
                00 00 00 00 00 00 00 00
                0a 00 00 00
            1c 00 0a 80  # NFTA_SET_ELEM_KEY_END
              18 00 01 00  # NFTA_DATA_VALUE "vmi1", padded, 10.0.0.255
                76 6d 69 31 00 00 00 00
                00 00 00 00 00 00 00 00
                0a 00 00 ff
        """))
  }

  @Test func deleteRange() {
    Sandbox.expectEqual(
      operation { $0.delete([SetElement(in: network)], from: ranges, in: table) },
      bytes(
        """
        50 00 00 00  # length
        0e 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSETELEM
        05 00  # NLM_F_REQUEST | NLM_F_ACK
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_SET_ELEM_LIST_TABLE "t"
        06 00 02 00 72 00 00 00  # NFTA_SET_ELEM_LIST_SET "r"
        2c 00 03 80  # NFTA_SET_ELEM_LIST_ELEMENTS
          10 00 01 80  # NFTA_LIST_ELEM
            0c 00 01 80  # NFTA_SET_ELEM_KEY
              08 00 01 00 0a 00 00 00  # NFTA_DATA_VALUE 10.0.0.0
          18 00 01 80  # NFTA_LIST_ELEM
            08 00 03 00 00 00 00 01  # NFTA_SET_ELEM_FLAGS NFT_SET_ELEM_INTERVAL_END
            0c 00 01 80  # NFTA_SET_ELEM_KEY
              08 00 01 00 0a 00 01 00  # NFTA_DATA_VALUE 10.0.1.0
        """))
  }

  @Test func addVerdict() {
    Sandbox.expectEqual(
      operation { $0.add([SetElement(SetKey(.uint16(0x0806)), .verdict(.goto("a")))], to: verdicts, in: table) },
      bytes(
        """
        50 00 00 00  # length
        0c 0a  # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM
        05 04  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
        02 00 00 00 00 00 00 00  # sequence number, port
        07 00 00 00  # NFPROTO_BRIDGE, NFNETLINK_V0
        06 00 01 00 74 00 00 00  # NFTA_SET_ELEM_LIST_TABLE "t"
        06 00 02 00 76 00 00 00  # NFTA_SET_ELEM_LIST_SET "v"
        2c 00 03 80  # NFTA_SET_ELEM_LIST_ELEMENTS
          28 00 01 80  # NFTA_LIST_ELEM
            0c 00 01 80  # NFTA_SET_ELEM_KEY
              06 00 01 00 08 06 00 00  # NFTA_DATA_VALUE 0x0806
            18 00 02 80  # NFTA_SET_ELEM_DATA
              14 00 02 80  # NFTA_DATA_VERDICT
                08 00 01 00 ff ff ff fc  # NFTA_VERDICT_CODE NFT_GOTO
                06 00 02 00 61 00 00 00  # NFTA_VERDICT_CHAIN "a"
        """))
  }
}
