import CLinux
import Testing

@testable import Netlink

/// The numbers this library states itself are those of the kernel's headers.
@Suite struct ConstantsTests {
  @Test func messages() {
    #expect(Message.error == UInt16(NLMSG_ERROR))
    #expect(Message.done == UInt16(NLMSG_DONE))
    #expect(Message.headerLength == MemoryLayout<nlmsghdr>.size)
    #expect(Attribute.nestedBit == UInt16(NLA_F_NESTED))
    #expect(RouteGroup.link.rawValue == UInt32(RTNLGRP_LINK.rawValue))
    #expect(RouteGroup.neighbor.rawValue == UInt32(RTNLGRP_NEIGH.rawValue))
  }

  @Test func flags() {
    #expect(MessageFlags.request.rawValue == UInt16(NLM_F_REQUEST))
    #expect(MessageFlags.multipart.rawValue == UInt16(NLM_F_MULTI))
    #expect(MessageFlags.acknowledge.rawValue == UInt16(NLM_F_ACK))
    #expect(MessageFlags.echo.rawValue == UInt16(NLM_F_ECHO))
    #expect(MessageFlags.dumpInterrupted.rawValue == UInt16(NLM_F_DUMP_INTR))
    #expect(MessageFlags.dump.rawValue == UInt16(NLM_F_ROOT | NLM_F_MATCH))
    #expect(MessageFlags.replace.rawValue == UInt16(NLM_F_REPLACE))
    #expect(MessageFlags.exclusive.rawValue == UInt16(NLM_F_EXCL))
    #expect(MessageFlags.create.rawValue == UInt16(NLM_F_CREATE))
    #expect(MessageFlags.append.rawValue == UInt16(NLM_F_APPEND))
    #expect(MessageFlags.nonRecursive.rawValue == UInt16(NLM_F_NONREC))
    #expect(MessageFlags.capped.rawValue == UInt16(NLM_F_CAPPED))
    #expect(MessageFlags.explained.rawValue == UInt16(NLM_F_ACK_TLVS))
  }

  @Test func explanations() {
    #expect(NetlinkError.messageAttribute == UInt16(NLMSGERR_ATTR_MSG.rawValue))
    #expect(NetlinkError.offsetAttribute == UInt16(NLMSGERR_ATTR_OFFS.rawValue))
    #expect(NetlinkError.missingTypeAttribute == UInt16(NLMSGERR_ATTR_MISS_TYPE.rawValue))
  }
}
