internal import LinuxSystem

/// The kernel parameters of an instance's own namespace, which begins with those of the initial one, however hardened.
///
/// An instance with gateways always forwards: without a link to the transit it knows only its own networks, and says so.
enum InstanceSettings {
  static func apply(forwarding: Bool) throws(Errno) {
    for (path, value) in wanted(forwarding: forwarding) {
      do throws(Errno) { try Sysctl(path).ensure(value) } catch {
        // A kernel without IPv6, or without packet filtering on bridges, has no such parameter.
        if error != .noSuchFile { throw error }
      }
    }
  }

  static func wanted(forwarding: Bool) -> [(String, String)] {
    settings + ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"].map { ($0, forwarding ? "1" : "0") }
  }

  private static let settings: [(String, String)] = [
    ("net/ipv4/conf/all/rp_filter", "0"), ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/\(NodeNames.bridge)/rp_filter", "0"), ("net/ipv4/conf/all/arp_ignore", "1"),
    ("net/ipv4/conf/all/send_redirects", "0"), ("net/ipv4/conf/\(NodeNames.bridge)/send_redirects", "0"),
    ("net/ipv4/conf/all/accept_redirects", "0"), ("net/ipv6/conf/all/accept_redirects", "0"),
    ("net/ipv6/conf/\(NodeNames.bridge)/accept_ra", "0"),
    ("net/bridge/bridge-nf-call-iptables", "0"), ("net/bridge/bridge-nf-call-ip6tables", "0"),
    ("net/bridge/bridge-nf-call-arptables", "0"),
  ]
}
