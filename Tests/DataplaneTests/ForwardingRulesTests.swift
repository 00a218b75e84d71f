import KernelSandbox
import Testing

@testable import Dataplane

/// The rules about routed traffic, as `nft` shows them.
@Suite struct ForwardingRulesTests {
  @Test(arguments: [false, true]) func asListed(_ fabricSNAT: Bool) async {
    await #expect(processExitsWith: .success) { [fabricSNAT = fabricSNAT as Bool] in
      let node = try DataplaneNode()
      let home = try node.kernel.open(.node, recorded: nil)
      // What another configuration made does not stay.
      _ = try node.kernel.ensure(DataplaneNode.instance(fabricSNAT: !fabricSNAT), in: home, ports: [])
      _ = try node.kernel.ensure(DataplaneNode.instance(fabricSNAT: fabricSNAT), in: home, ports: [])
      let listed = Sandbox.run("nft", "list", "table", "inet", "contrail")
      Sandbox.expectEqual(listed, fabricSNAT ? withSNAT : withoutSNAT)
    }
  }
}

private let linkLocal = """
  		iifname "contrail0" ip daddr 169.254.20.10 accept
  		iifname "contrail0" ip daddr 169.254.0.0/16 drop
  		iifname "contrail0" ip6 daddr != fe80::1 ip6 daddr fe80::/10 meta l4proto != ipv6-icmp drop
  		iifname "contrail0" ip6 daddr != fe80::1 ip6 daddr fe80::/10 icmpv6 type != nd-neighbor-advert drop
  """

private let ends = """
  		iifname "tr0" meta l4proto icmp accept
  		iifname "tr0" meta l4proto ipv6-icmp accept
  		iifname "tr0" drop
  	}

  	chain output {
  		type filter hook output priority filter - 5; policy accept;
  		oifname "tr0" ct state new drop
  	}
  """

private let withoutSNAT = """
  table inet contrail {
  	chain input {
  		type filter hook input priority filter - 5; policy accept;
  \(linkLocal)
  \(ends)

  	chain forward {
  		type filter hook forward priority filter - 5; policy accept;
  \(linkLocal)
  		oifname "tr0" iifname != "contrail0" drop
  	}
  }

  """

private let withSNAT = """
  table inet contrail {
  	chain input {
  		type filter hook input priority filter - 5; policy accept;
  \(linkLocal)
  \(ends)

  	chain forward {
  		type filter hook forward priority filter - 5; policy accept;
  \(linkLocal)
  		oifname "tr0" iifname != "contrail0" drop
  		iifname != "contrail0" iifname != "tr0" oifname "contrail0" ip saddr != 10.32.0.0/24 ip saddr != 10.96.0.0/12 ct state new ct status ! dnat drop
  		iifname != "contrail0" iifname != "tr0" oifname "contrail0" ip6 saddr != fd00:32::/64 ct state new ct status ! dnat drop
  	}

  	chain postrouting {
  		type nat hook postrouting priority srcnat; policy accept;
  		oifname != "contrail0" oifname != "tr0" ip saddr 10.32.0.0/24 ip daddr != 10.32.0.0/24 ip daddr != 10.96.0.0/12 masquerade
  		oifname != "contrail0" oifname != "tr0" ip6 saddr fd00:32::/64 ip6 daddr != fd00:32::/64 masquerade
  	}
  }

  """
