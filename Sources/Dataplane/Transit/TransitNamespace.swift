package import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

/// The namespace through which instances reach each other: a link and a routing table for each, and no addresses.
///
/// What comes in by an instance's link is looked up in that instance's table, which has the networks that the instance
/// imports and nothing else.
package final class Transit {
  package let kernel: KernelNamespace
  let home: NodeKernel

  init(_ kernel: KernelNamespace, home: NodeKernel) {
    self.kernel = kernel
    self.home = home
  }
}

extension NodeKernel {
  /// The transit, made if there is none yet.
  ///
  /// - Parameters:
  ///   - directory: where it is pinned.
  ///   - recorded: which namespace the store says it is; `nil` if it has none.
  /// - Throws: `foreignPin` as for an instance.
  package func openTransit(in directory: String, recorded: NamespaceIdentity?) throws(DataplaneError) -> Transit {
    let kernel = try open(.pinned(directory: directory, name: TransitNames.namespace), recorded: recorded)
    return Transit(kernel, home: self)
  }

  /// Removes the transit with all links; one that is gone already is nothing to remove.
  package func removeTransit(in directory: String) throws(DataplaneError) {
    try remove(.pinned(directory: directory, name: TransitNames.namespace))
  }
}

extension Transit {
  /// Makes the namespace what it should be, but for the instances. Nothing is forwarded before the rules are there.
  package func ensure() throws(DataplaneError) {
    let route = try kernel.route()
    var batch = Batch()
    batch.setLink(.name("lo"), LinkAttributes(isUp: true))
    for family in KernelFeatures.families { batch.replaceRoute(.unreachable(family, table: .main, priority: nil)) }
    try route.carryOut(batch)
    try ensureRules()
    try kernel.inside("set the parameters of the transit") { () throws(Errno) in
      for (path, value) in Self.settings {
        do throws(Errno) { try Sysctl(path).ensure(value) } catch {
          // A kernel without IPv6 has no such parameter.
          if error != .noSuchFile { throw error }
        }
      }
    }
  }

  /// It answers no ARP, makes no addresses, and takes no advice.
  static let settings: [(String, String)] = [
    ("net/ipv4/conf/all/rp_filter", "0"), ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/all/arp_ignore", "8"), ("net/ipv4/conf/all/send_redirects", "0"),
    ("net/ipv4/conf/all/accept_redirects", "0"), ("net/ipv6/conf/all/accept_redirects", "0"),
    ("net/ipv6/conf/all/disable_ipv6", "0"), ("net/ipv6/conf/default/disable_ipv6", "0"),
    ("net/ipv6/conf/default/addr_gen_mode", "1"), ("net/ipv6/conf/default/accept_ra", "0"),
    ("net/ipv4/ip_forward", "1"), ("net/ipv6/conf/all/forwarding", "1"),
  ]
}
