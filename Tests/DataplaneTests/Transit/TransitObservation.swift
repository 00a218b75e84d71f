import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

extension TransitNode {
  /// What arrives at the pod of an instance, from any other, while something is done: packets of each family.
  func arrivals(
    at vni: UInt32, from sources: [String] = ["10.0.0.0/8", "fd00::/16"], _ body: () -> Void
  ) -> [Int] {
    let pod = members[vni]!.pod
    _ = pod.run {
      Sandbox.run(
        "nft", "-f", "-",
        input: """
          table inet watch {
            chain prerouting {
              type filter hook prerouting priority -300
              ip saddr != 10.\(vni).0.0/24 ip saddr \(sources[0]) counter
              ip6 saddr != fd00:\(vni)::/64 ip6 saddr \(sources[1]) counter
            }
          }

          """)
    }
    body()
    return pod.run {
      let listed = Sandbox.run("nft", "list", "table", "inet", "watch")
      Sandbox.run("nft", "delete", "table", "inet", "watch")
      let words = listed.split { $0 == " " || $0 == "\n" }
      return words.indices.filter { words[$0] == "packets" }.map { Int(words[$0 + 1])! }
    }
  }

  /// Both families' pings from one pod to another's: the hops that are left, or nothing.
  func hops(from: UInt32, to: UInt32) -> [Int?] { hops(from: from, to: ["10.\(to).0.5", "fd00:\(to)::5"]) }

  func hops(from: UInt32, to addresses: [String]) -> [Int?] {
    settle()
    return addresses.map { address in
      let text = members[from]!.pod.run {
        Sandbox.run("sh", "-c", "ping -n -c 1 -W 1 \(address) || ping -n -c 1 -W 2 \(address) || true")
      }
      return text.split(separator: "\n").first { $0.contains("ttl=") }
        .flatMap { $0.split(separator: " ").first { $0.hasPrefix("ttl=") } }.flatMap { Int($0.dropFirst(4)) }
    }
  }

  /// Waits until the kernel has started all links; for one whose index is its peer's that may be a second.
  private func settle() {
    let deadline = monotonicNanoseconds() + 60_000_000_000
    func isSettled(_ links: String) -> Bool {
      links.split(separator: "\n").allSatisfy {
        !$0.contains("LOWER_UP") || $0.contains("state UP") || $0.contains("LOOPBACK")
      }
    }
    func links() -> [String] {
      members.values.flatMap { member in
        [member.run { Sandbox.run("ip", "-o", "link") }, member.pod.run { Sandbox.run("ip", "-o", "link") }]
      }
    }
    while !links().allSatisfy(isSettled), monotonicNanoseconds() < deadline { usleep(20_000) }
  }

  /// Everything of the transit, the instances' own ends, and the node.
  func dump() -> [String] {
    let transit = """
      ip -d -o link show; ip -o addr show; ip neigh show nud permanent; ip rule; ip -6 rule
      ip route show table all; ip -6 route show table all; nft -s list ruleset
      sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.all.arp_ignore
      """
    let place = "ip -o link; ip neigh show nud permanent; ip route; ip -6 route; nft -s list ruleset"
    var lines = Self.lines("transit", runInTransit(transit))
    for vni in members.keys.sorted() {
      lines += members[vni]!.run { Self.lines("\(vni)", Sandbox.run("sh", "-c", place)) }
    }
    return (lines + Self.lines("node", Sandbox.run("sh", "-c", place))).sorted()
  }

  /// Without what changes by itself.
  private static func lines(_ place: String, _ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      var words = line.split(separator: " ").map(String.init)
      // Carrier is noticed a moment later.
      if let index = words.firstIndex(of: "state"), index + 1 < words.count { words.removeSubrange(index...index + 1) }
      words.removeAll { $0 == "linkdown" }
      words = words.map { $0.hasPrefix("<") ? ($0.contains("UP") ? "up" : "down") : $0 }
      // An instance's loopback link stays up once it was needed.
      let isOurs = !words.contains("lo:") && !words.contains("anycast") && !words.contains("multicast")
      return isOurs ? "\(place): \(words.joined(separator: " "))" : nil
    }
  }

  func expectDump(_ expected: [String], _ comment: String) {
    var now = dump()
    for _ in 0..<200 where now != expected {
      usleep(100_000)
      now = dump()
    }
    let difference = now.difference(from: expected).map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
    if !difference.isEmpty { Issue.record("\(comment):\n\(difference.joined(separator: "\n"))") }
  }
}
