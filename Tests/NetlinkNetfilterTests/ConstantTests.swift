import CLinux
import Testing

@testable import NetlinkNetfilter

// Our numbers are the kernel headers' numbers.

@Suite struct ConstantTests {
  @Test func families() {
    #expect(TableFamily.inet.rawValue == UInt8(NFPROTO_INET))
    #expect(TableFamily.ipv4.rawValue == UInt8(NFPROTO_IPV4))
    #expect(TableFamily.arp.rawValue == UInt8(NFPROTO_ARP))
    #expect(TableFamily.netdev.rawValue == UInt8(NFPROTO_NETDEV))
    #expect(TableFamily.bridge.rawValue == UInt8(NFPROTO_BRIDGE))
    #expect(TableFamily.ipv6.rawValue == UInt8(NFPROTO_IPV6))
  }

  @Test func messages() {
    #expect(MessageType.subsystem == UInt16(NFNL_SUBSYS_NFTABLES))
    #expect(Transaction.begin == UInt16(NFNL_MSG_BATCH_BEGIN))
    #expect(Transaction.end == UInt16(NFNL_MSG_BATCH_END))
    let pairs: [(MessageType, nf_tables_msg_types)] = [
      (.newTable, NFT_MSG_NEWTABLE), (.getTable, NFT_MSG_GETTABLE), (.deleteTable, NFT_MSG_DELTABLE),
      (.newChain, NFT_MSG_NEWCHAIN), (.getChain, NFT_MSG_GETCHAIN), (.deleteChain, NFT_MSG_DELCHAIN),
      (.newRule, NFT_MSG_NEWRULE), (.getRule, NFT_MSG_GETRULE), (.deleteRule, NFT_MSG_DELRULE),
      (.newSet, NFT_MSG_NEWSET), (.getSet, NFT_MSG_GETSET), (.deleteSet, NFT_MSG_DELSET),
      (.newElement, NFT_MSG_NEWSETELEM), (.getElement, NFT_MSG_GETSETELEM), (.deleteElement, NFT_MSG_DELSETELEM),
      (.getGeneration, NFT_MSG_GETGEN),
    ]
    for (ours, theirs) in pairs { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
  }

  @Test func attributes() {
    #expect(UInt32(ChainAttribute.hook) == NFTA_CHAIN_HOOK.rawValue)
    #expect(UInt32(ChainAttribute.policy) == NFTA_CHAIN_POLICY.rawValue)
    #expect(UInt32(ChainAttribute.type) == NFTA_CHAIN_TYPE.rawValue)
    #expect(UInt32(HookAttribute.device) == NFTA_HOOK_DEV.rawValue)
    #expect(UInt32(RuleAttribute.handle) == NFTA_RULE_HANDLE.rawValue)
    #expect(UInt32(RuleAttribute.expressions) == NFTA_RULE_EXPRESSIONS.rawValue)
    #expect(UInt32(RuleAttribute.userData) == NFTA_RULE_USERDATA.rawValue)
    #expect(UInt32(SetAttribute.dataLength) == NFTA_SET_DATA_LEN.rawValue)
    #expect(UInt32(SetAttribute.description) == NFTA_SET_DESC.rawValue)
    #expect(UInt32(SetAttribute.identifier) == NFTA_SET_ID.rawValue)
    #expect(UInt32(SetAttribute.userData) == NFTA_SET_USERDATA.rawValue)
    #expect(UInt32(ElementAttribute.keyEnd) == NFTA_SET_ELEM_KEY_END.rawValue)
    #expect(UInt32(ElementListAttribute.elements) == NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)
  }

  @Test func expressions() {
    let keys: [(MetaKey, nft_meta_keys)] = [
      (.etherType, NFT_META_PROTOCOL), (.mark, NFT_META_MARK), (.inputIndex, NFT_META_IIF),
      (.outputIndex, NFT_META_OIF), (.inputName, NFT_META_IIFNAME), (.outputName, NFT_META_OIFNAME),
      (.family, NFT_META_NFPROTO), (.transportProtocol, NFT_META_L4PROTO), (.inputBridge, NFT_META_BRI_IIFNAME),
      (.packetType, NFT_META_PKTTYPE),
    ]
    for (ours, theirs) in keys { #expect(ours.rawValue == theirs.rawValue) }
    #expect(ConntrackKey.direction.rawValue == NFT_CT_DIRECTION.rawValue)
    #expect(ConntrackKey.status.rawValue == NFT_CT_STATUS.rawValue)
    #expect(Comparison.greaterOrEqual.rawValue == NFT_CMP_GTE.rawValue)
    #expect(PayloadBase.transport.rawValue == NFT_PAYLOAD_TRANSPORT_HEADER.rawValue)
    #expect(Expression.nextHop4 == NFT_RT_NEXTHOP4.rawValue)
    #expect(Expression.nextHop6 == NFT_RT_NEXTHOP6.rawValue)
    #expect(NATKind.destination.rawValue == NFT_NAT_DNAT.rawValue)
    #expect(Verdict.goto("c").code == NFT_GOTO.rawValue)
    #expect(Verdict.jump("c").code == NFT_JUMP.rawValue)
    #expect(Verdict.return.code == NFT_RETURN.rawValue)
    #expect(Verdict.continue.code == NFT_CONTINUE.rawValue)
    #expect(Verdict.accept.code == NF_ACCEPT)
    #expect(Verdict.drop.code == NF_DROP)
  }

  @Test func registers() {
    #expect(Register(word: 0).number == NFT_REG_1.rawValue)
    #expect(Register(word: 4).number == NFT_REG_2.rawValue)
    #expect(Register(word: 6).number == NFT_REG32_00.rawValue + 6)
    #expect(verdictRegister == NFT_REG_VERDICT.rawValue)
  }

  @Test func sets() {
    #expect(NamedSet.Flags.constant.rawValue == NFT_SET_CONSTANT.rawValue)
    #expect(NamedSet.Flags.interval.rawValue == NFT_SET_INTERVAL.rawValue)
    #expect(NamedSet.Flags.map.rawValue == NFT_SET_MAP.rawValue)
    #expect(NamedSet.Flags.concatenation.rawValue == NFT_SET_CONCAT.rawValue)
    #expect(ElementAttribute.intervalEnd == NFT_SET_ELEM_INTERVAL_END.rawValue)
  }
}
