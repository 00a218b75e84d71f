package import NetworkAddresses

/// The names and numbers by which our objects on a node are known.
package enum NodeNames {
  /// The bridge of a routing instance, in whichever namespace that is.
  package static let bridge = "contrail0"
  /// The index that our bridges ask for, far above those that the kernel gives, so that a port's master needs no look-up.
  package static let bridgeIndex: UInt32 = 0x4000_0000
  /// Every bridge answers as the gateway with this address (the one that VRRP reserves for virtual router 0).
  package static let gatewayMAC = MACAddress(rawValue: 0x0000_5e00_0100)
  /// Whether the address is one of the project's own: a gateway's, or that of a link between namespaces.
  package static func isReserved(_ mac: MACAddress) -> Bool { mac == gatewayMAC || mac.rawValue >> 16 == 0x0200_5e00 }
  /// Every bridge has this link-local address beside its gateways.
  package static let gatewayLinkLocal = IPv6Address(rawValue: 0xfe80 << 112 | 1)
  /// The nf_tables tables, of families bridge and inet.
  package static let table = "contrail"
  /// What all host ends' names begin with.
  package static let portPrefix = "vmi"
  /// A bridge's ports, the kernel's limit (`BR_MAX_PORTS` minus the unusable number 0).
  package static let portLimit = 1023

  /// The host end of the interface that a container knows by `interfaceName`: a prefix and 44 bits of a hash.
  package static func hostName(containerID: String, interfaceName: String) -> String {
    let digits = String(hash(containerID, interfaceName) >> 20, radix: 16)
    return portPrefix + String(repeating: "0", count: 11 - digits.utf8.count) + digits
  }

  /// The index that a host end asks for: one that no interface of a pod has.
  ///
  /// The kernel takes a link whose index equals its peer's for one that has no peer, and puts off its start by up to a
  /// second. Namespaces count from 2, so that this would be the rule in a routing instance.
  package static func hostIndex(hostName: String) -> UInt32 {
    0x3000_0000 | UInt32(truncatingIfNeeded: hash(hostName)) & 0xf_ffff
  }

  /// The file that keeps the namespace of a network's routing instance, `namespace.network`. A name that is too long for a
  /// file is cut, and a hash tells it apart.
  package static func pin(ofNetwork name: String) -> String {
    let file = name.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: ".") : $0 }
    guard file.count > 200 else { return String(decoding: file, as: UTF8.self) }
    return String(decoding: file.prefix(180), as: UTF8.self) + "-" + String(hash(name), radix: 16)
  }

  /// The group of the pod's ends of one attachment: never 0, which is every other link's.
  package static func linkGroup(containerID: String, interfaceName: String) -> UInt32 {
    UInt32(truncatingIfNeeded: hash(containerID, interfaceName, "group")) & 0x7fff_ffff | 1
  }

  /// The number of the next hop that leads to an address, or to one of those that have a prefix.
  static func nextHopID(_ name: String) -> UInt32 { 0x1000_0000 | UInt32(truncatingIfNeeded: hash(name)) & 0xfff_ffff }

  /// FNV-1a over the texts with a separator, its bits mixed once more because FNV leaves the upper ones uneven.
  private static func hash(_ texts: String...) -> UInt64 {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in texts {
      for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
      value = (value ^ 0xff) &* 0x100_0000_01b3
    }
    value = (value ^ value >> 33) &* 0xff51_afd7_ed55_8ccd
    value = (value ^ value >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return value ^ value >> 33
  }
}
