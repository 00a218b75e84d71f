internal import CLinux
internal import Glibc
internal import LinuxSystem
public import Netlink
public import NetworkAddresses

/// What a link does with packets that are for others.
///
/// The corresponding C type is `struct netconfmsg` of `<linux/netconf.h>`.
public struct RouterConfiguration: Hashable, Sendable {
  /// Whether what comes by the link is forwarded: `net.ipv4.conf.LINK.forwarding`. The corresponding C constant is
  /// `NETCONFA_FORWARDING`.
  public let isForwarding: Bool
  /// How sources are checked, 0 not at all; `nil` for IPv6. The corresponding C constant is `NETCONFA_RP_FILTER`.
  public let reversePathFilter: Int32?

  /// For `Connection.routerConfiguration(of:family:)`: what `conf.all` says.
  public static let all: Int32 = -1
}

extension Connection {
  /// The configuration of a link, or of all.
  ///
  /// The corresponding C constant is `RTM_GETNETCONF`.
  ///
  /// - Parameter link: An interface index, or ``RouterConfiguration/all``.
  /// - Returns: `nil` where there is no such link, or it does not speak the family.
  public func routerConfiguration(of link: Int32, family: IPFamily) throws(NetlinkError) -> RouterConfiguration? {
    do throws(NetlinkError) {
      let replies = try perform("read the configuration of link \(link)", type: UInt16(RTM_GETNETCONF), answer: .reply)
      {
        $0.u8(family.number)
        for _ in 0..<3 { $0.u8(0) }
        $0.attribute(Self.linkIndex, UInt32(bitPattern: link))
      }
      guard let attributes = replies.first?.attributes(afterHeader: 4) else { return nil }
      return RouterConfiguration(
        isForwarding: attributes[Self.forwarding]?.int32 ?? 0 != 0,
        reversePathFilter: attributes[Self.reversePathFilter]?.int32)
    } catch {
      if error.errno == .invalidArgument || error.errno == .noSuchDevice { return nil }
      throw error
    }
  }

  /// The corresponding C constant is `NETCONFA_IFINDEX`.
  private static let linkIndex: UInt16 = 1
  /// The corresponding C constant is `NETCONFA_FORWARDING`.
  private static let forwarding: UInt16 = 2
  /// The corresponding C constant is `NETCONFA_RP_FILTER`.
  private static let reversePathFilter: UInt16 = 3
}
