import CLinux
import NetlinkRoute
import Testing

/// The numbers this library states itself are those of the kernel's headers.
@Suite struct ConstantsTests {
  @Test func links() {
    #expect(LinkFlags.up.rawValue == UInt32(IFF_UP.rawValue))
    #expect(LinkFlags.loopback.rawValue == UInt32(IFF_LOOPBACK.rawValue))
    #expect(LinkFlags.running.rawValue == UInt32(IFF_RUNNING.rawValue))
    #expect(AddressGenerationMode.eui64.rawValue == UInt8(IN6_ADDR_GEN_MODE_EUI64.rawValue))
    #expect(AddressGenerationMode.none.rawValue == UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue))
    #expect(PortState.disabled.rawValue == UInt8(BR_STATE_DISABLED))
    #expect(PortState.forwarding.rawValue == UInt8(BR_STATE_FORWARDING))
    #expect(PortState.blocking.rawValue == UInt8(BR_STATE_BLOCKING))
  }

  @Test func addresses() {
    #expect(AddressFlags.noDuplicateDetection.rawValue == UInt32(IFA_F_NODAD))
    #expect(AddressFlags.duplicate.rawValue == UInt32(IFA_F_DADFAILED))
    #expect(AddressFlags.tentative.rawValue == UInt32(IFA_F_TENTATIVE))
    #expect(AddressFlags.permanent.rawValue == UInt32(IFA_F_PERMANENT))
    #expect(AddressFlags.noPrefixRoute.rawValue == UInt32(IFA_F_NOPREFIXROUTE))
    #expect(Scope.universe.rawValue == UInt8(RT_SCOPE_UNIVERSE.rawValue))
    #expect(Scope.link.rawValue == UInt8(RT_SCOPE_LINK.rawValue))
    #expect(Scope.host.rawValue == UInt8(RT_SCOPE_HOST.rawValue))
    #expect(Scope.any.rawValue == UInt8(RT_SCOPE_NOWHERE.rawValue))
  }

  @Test func routes() {
    #expect(RouteTable.main.rawValue == UInt32(RT_TABLE_MAIN.rawValue))
    #expect(RouteTable.local.rawValue == UInt32(RT_TABLE_LOCAL.rawValue))
    #expect(RouteProtocol.any.rawValue == UInt8(RTPROT_UNSPEC))
    #expect(RouteProtocol.kernel.rawValue == UInt8(RTPROT_KERNEL))
    #expect(RouteProtocol.boot.rawValue == UInt8(RTPROT_BOOT))
    #expect(RouteProtocol.static.rawValue == UInt8(RTPROT_STATIC))
    #expect(RouteType.any.rawValue == UInt8(RTN_UNSPEC))
    #expect(RouteType.unicast.rawValue == UInt8(RTN_UNICAST))
    #expect(RouteType.local.rawValue == UInt8(RTN_LOCAL))
    #expect(RouteType.blackhole.rawValue == UInt8(RTN_BLACKHOLE))
    #expect(RouteType.unreachable.rawValue == UInt8(RTN_UNREACHABLE))
    #expect(RouteType.prohibit.rawValue == UInt8(RTN_PROHIBIT))
  }

  @Test func neighbors() {
    #expect(NeighborState.reachable.rawValue == UInt16(NUD_REACHABLE))
    #expect(NeighborState.stale.rawValue == UInt16(NUD_STALE))
    #expect(NeighborState.failed.rawValue == UInt16(NUD_FAILED))
    #expect(NeighborState.noARP.rawValue == UInt16(NUD_NOARP))
    #expect(NeighborState.permanent.rawValue == UInt16(NUD_PERMANENT))
    #expect(NeighborFlags.ownedBySelf.rawValue == UInt8(NTF_SELF))
    #expect(NeighborFlags.ownedByMaster.rawValue == UInt8(NTF_MASTER))
    #expect(NeighborFlags.proxy.rawValue == UInt8(NTF_PROXY))
    #expect(NeighborFlags.externallyLearned.rawValue == UInt8(NTF_EXT_LEARNED))
    #expect(NeighborFlags.router.rawValue == UInt8(NTF_ROUTER))
  }

  @Test func rules() {
    #expect(RuleAction.lookUp.rawValue == UInt8(FR_ACT_TO_TBL))
    #expect(RuleAction.blackhole.rawValue == UInt8(FR_ACT_BLACKHOLE))
    #expect(RuleAction.unreachable.rawValue == UInt8(FR_ACT_UNREACHABLE))
  }
}
