internal import CLinux
public import Netlink

/// A pair of Ethernet links, each of which receives what the other sends.
///
/// The corresponding C constants are in `<linux/veth.h>`.
public struct Veth: LinkKind, Hashable {
  /// The kernel's name for the kind.
  public static var name: String { "veth" }

  /// The other end. It can be in another network namespace, and cannot be brought up by the message that creates it.
  /// The corresponding C constant is `VETH_INFO_PEER`.
  public var peer: LinkAttributes

  /// A pair whose other end is this.
  public init(peer: LinkAttributes) { self.peer = peer }

  /// A veth always says what its peer is.
  public var hasData: Bool { true }

  /// Writes the peer.
  public func write(to writer: inout MessageWriter) {
    writer.framed(UInt16(VETH_INFO_PEER)) { peer.write(to: &$0) }
  }
}
