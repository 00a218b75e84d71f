public import NetworkAddresses

/// How full a subnet is, counted as Contrail counts.
///
/// Of an IPv4 subnet the first address, the gateway and the last address count besides the allocated ones; of an IPv6
/// subnet the first address, the gateway and, while nobody has it, the last address.
public struct Usage: Hashable, Sendable {
  /// The addresses that count as used.
  public let ipCount: UInt128
  /// The subnet's size is two to this power.
  private let sizeBits: Int

  /// The usage of a subnet of `prefix`, of which `allocated` addresses are held.
  ///
  /// - Parameter lastIsTaken: whether the last address of an IPv6 subnet is held, or the gateway.
  public init(of prefix: IPPrefix, allocated: Int, lastIsTaken: Bool = false) {
    ipCount = (prefix.family == .v6 && lastIsTaken ? 2 : 3) + UInt128(allocated)
    sizeBits = prefix.family.bits - prefix.length
  }

  /// The share in hundredths of a percent; a tie goes to the even one, as in C's `%.2f`.
  private var hundredths: UInt128 {
    let (high, low) = ipCount.multipliedFullWidth(by: 10_000)
    if sizeBits == 0 { return low }
    let quotient = high << (128 - sizeBits) | low >> sizeBits
    let rest = low & ((1 << sizeBits) &- 1)
    let half = UInt128(1) << (sizeBits - 1)
    return rest > half || (rest == half && quotient % 2 == 1) ? quotient + 1 : quotient
  }
}

extension Usage: CustomStringConvertible {
  /// The used share of all the subnet's addresses with two decimals: `1.56%`.
  public var description: String {
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
  }
}

extension Subnet {
  /// How full the subnet is.
  public func usage<Store: AddressStore & ~Copyable>(in store: inout Store) throws(Store.Failure) -> Usage {
    let all = AddressRange(prefix)
    let lastHolder = try store.holder(of: all.last)
    return Usage(
      of: prefix, allocated: try store.allocationCount(in: all), lastIsTaken: gateway == all.last || lastHolder != nil)
  }
}
