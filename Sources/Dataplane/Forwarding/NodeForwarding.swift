internal import LinuxSystem
internal import NetworkAddresses

/// Makes the node a router for the families of its pods; these settings stay when the pods are gone.
enum NodeForwarding {
  static func enable(_ families: Set<IPFamily>, links: [String]) throws(DataplaneError) {
    for family in families {
      do throws(Errno) {
        switch family {
        case .v4: try Sysctl("net/ipv4/ip_forward").ensure("1")
        case .v6: try enableIPv6(links)
        }
      } catch {
        throw .system(operation: "enable \(family) forwarding", error)
      }
    }
  }

  /// A forwarding node ignores router advertisements unless told otherwise, and would lose its own default route.
  private static func enableIPv6(_ links: [String]) throws(Errno) {
    let forwarding = Sysctl("net/ipv6/conf/all/forwarding")
    if try forwarding.read() == [UInt8(ascii: "1")] { return }
    for name in links {
      let acceptance = Sysctl("net/ipv6/conf/\(name)/accept_ra")
      // A link without IPv6 has no such setting.
      guard let value = try? acceptance.read() else { continue }
      if value == [UInt8(ascii: "1")] { try acceptance.write("2") }
    }
    try forwarding.write("1")
  }
}
