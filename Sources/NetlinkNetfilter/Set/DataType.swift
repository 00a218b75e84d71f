/// The type of a field in the keys or data of a set, by which `nft` prints it; the kernel only needs the length.
public struct DataType: Hashable, Sendable {
  /// `nft`'s number (`TYPE_*` in its `datatype.h`), six bits wide in a concatenation.
  let number: UInt32
  /// Bytes.
  public let length: Int
  /// What `nft` is told about the byte order: 1 the machine's, 2 the network's.
  let byteOrder: UInt32

  /// `ipv4_addr`: 4 bytes.
  public static let ipv4Address = DataType(number: 7, length: 4, byteOrder: 2)
  /// `ipv6_addr`: 16 bytes.
  public static let ipv6Address = DataType(number: 8, length: 16, byteOrder: 2)
  /// `ether_addr`: 6 bytes.
  public static let etherAddress = DataType(number: 9, length: 6, byteOrder: 2)
  /// `ether_type`: 2 bytes.
  public static let etherType = DataType(number: 10, length: 2, byteOrder: 2)
  /// `inet_proto`: 1 byte.
  public static let transportProtocol = DataType(number: 12, length: 1, byteOrder: 2)
  /// `inet_service`: 2 bytes.
  public static let port = DataType(number: 13, length: 2, byteOrder: 2)
  /// `mark`: 4 bytes in the machine's order.
  public static let mark = DataType(number: 19, length: 4, byteOrder: 1)
  /// `icmpv6_type`: 1 byte.
  public static let icmpv6Type = DataType(number: 29, length: 1, byteOrder: 2)
  /// `ifname`: 16 bytes.
  public static let interfaceName = DataType(number: 41, length: 16, byteOrder: 1)
}
