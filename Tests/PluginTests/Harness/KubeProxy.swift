/// The rules that kube-proxy installs for services, for TCP and UDP and both families.
struct KubeProxy: Sendable {
  enum Mode: String, Sendable, CaseIterable {
    case iptables
    case nftables
  }
  /// A service address and the one pod or host behind it, in one family.
  struct Service: Sendable {
    var address: String
    var backend: String
    var isIPv6: Bool { address.contains(":") }
  }
  let mode: Mode
  let services: [Service]
  static let podNetworks = ["ip": "10.32.0.0/12", "ip6": "fd00:10:32::/64"]

  func install(on node: Node) throws {
    for family in ["ip", "ip6"] {
      let own = services.filter { $0.isIPv6 == (family == "ip6") }
      let script = mode == .iptables ? iptables(family, own) : nftables(family, own)
      try Shell.run(["nft", "-f", "-"], input: script, in: node.namespace)
    }
  }

  private func backend(_ service: Service) -> String {
    service.isIPv6 ? "[\(service.backend)]:\(Station.port)" : "\(service.backend):\(Station.port)"
  }

  private func iptables(_ family: String, _ services: [Service]) -> String {
    var chains = ""
    var dispatch = ""
    let pods = Self.podNetworks[family]!
    for (number, service) in services.enumerated() {
      chains += "chain KUBE-SEP-\(number) {\n\(family) saddr \(service.backend) counter jump KUBE-MARK-MASQ\n"
      for name in ["tcp", "udp"] { chains += "meta l4proto \(name) counter dnat to \(backend(service))\n" }
      chains += "}\nchain KUBE-SVC-\(number) {\n"
      for name in ["tcp", "udp"] {
        let match = "\(family) daddr \(service.address) \(name) dport \(Station.port) counter"
        chains += "\(family) saddr != \(pods) \(match) jump KUBE-MARK-MASQ\n"
        dispatch += "\(match) jump KUBE-SVC-\(number)\n"
      }
      chains += "counter jump KUBE-SEP-\(number)\n}\n"
    }
    return """
      table \(family) nat {
        chain KUBE-MARK-MASQ {
          counter meta mark set mark or 0x4000
        }
        chain KUBE-POSTROUTING {
          mark and 0x4000 != 0x4000 counter return
          counter meta mark set mark xor 0x4000
          counter masquerade fully-random
        }
        \(chains)
        chain KUBE-SERVICES {
          \(dispatch)
        }
        chain PREROUTING {
          type nat hook prerouting priority dstnat; policy accept;
          counter jump KUBE-SERVICES
        }
        chain OUTPUT {
          type nat hook output priority -100; policy accept;
          counter jump KUBE-SERVICES
        }
        chain POSTROUTING {
          type nat hook postrouting priority srcnat; policy accept;
          counter jump KUBE-POSTROUTING
        }
      }
      table \(family) filter {
        chain KUBE-FORWARD {
          ct state invalid counter drop
          mark and 0x4000 == 0x4000 counter accept
          ct state related,established counter accept
        }
        chain FORWARD {
          type filter hook forward priority filter; policy accept;
          counter jump KUBE-FORWARD
        }
      }

      """
  }

  private func nftables(_ family: String, _ services: [Service]) -> String {
    var chains = ""
    var elements: [String] = []
    let pods = Self.podNetworks[family]!
    for (number, service) in services.enumerated() {
      chains += "chain endpoint-\(number) {\n\(family) saddr \(service.backend) jump mark-for-masquerade\n"
      for name in ["tcp", "udp"] { chains += "meta l4proto \(name) dnat to \(backend(service))\n" }
      chains += "}\nchain service-\(number) {\n"
      for name in ["tcp", "udp"] {
        chains += "\(family) daddr \(service.address) \(name) dport \(Station.port) "
        chains += "\(family) saddr != \(pods) jump mark-for-masquerade\n"
        elements.append("\(service.address) . \(name) . \(Station.port) : goto service-\(number)")
      }
      chains += "goto endpoint-\(number)\n}\n"
    }
    return """
      table \(family) kube-proxy {
        chain mark-for-masquerade {
          meta mark set mark or 0x4000
        }
        chain masquerading {
          mark and 0x4000 != 0x4000 return
          meta mark set mark xor 0x4000
          masquerade fully-random
        }
        \(chains)
        map service-ips {
          type \(family == "ip" ? "ipv4_addr" : "ipv6_addr") . inet_proto . inet_service : verdict
          elements = { \(elements.joined(separator: ", ")) }
        }
        chain services {
          \(family) daddr . meta l4proto . th dport vmap @service-ips
        }
        chain nat-prerouting {
          type nat hook prerouting priority dstnat; policy accept;
          jump services
        }
        chain nat-output {
          type nat hook output priority -100; policy accept;
          jump services
        }
        chain nat-postrouting {
          type nat hook postrouting priority srcnat; policy accept;
          jump masquerading
        }
      }

      """
  }
}
