internal import LinuxSystem
internal import NetlinkRoute

/// What the running kernel has.
enum KernelFeatures {
  /// Whether IPv6 is there at all; it may be switched off when the kernel starts.
  static let hasIPv6 = (try? FileStatus(path: "/proc/sys/net/ipv6")) != nil

  /// The smallest MTU with which a link speaks IPv6 (RFC 8200 section 5).
  static let minimalIPv6MTU: UInt32 = 1280

  /// How a link of ours gets its link-local address: not by itself. `nil` for a link that does not speak IPv6, for which
  /// the kernel refuses the question.
  static func addressGeneration(mtu: UInt32) -> AddressGenerationMode? {
    hasIPv6 && mtu >= minimalIPv6MTU ? AddressGenerationMode.none : nil
  }
}
