import Glibc
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// Two pods whose kernels do what kernels do (duplicate address detection, listener reports, neighbour discovery,
// fragments) notice nothing of the filter, and a pod that takes an address it was not given reaches nobody with it.

/// The commands that make a pod.
private func addPod(_ number: Int) -> String {
  """
  ip netns add pod\(number)
  ip link add vmi\(number) type veth peer name eth0 address 02:00:00:00:00:0\(number) netns pod\(number)
  ip link set vmi\(number) master br0 addrgenmode none up
  ip -n pod\(number) link set eth0 up
  ip -n pod\(number) address add 10.32.0.\(number)/12 dev eth0
  ip -n pod\(number) address add 2001:db8::\(number)/64 dev eth0

  """
}

private func bind(_ number: Int, _ transaction: inout Transaction) {
  let port = KeyField.interface("vmi\(number)")
  let mac = MACAddress(rawValue: 0x0200_0000_0000 + UInt64(number))
  let global = IPv6Address(rawValue: IPv6Address("2001:db8::")!.rawValue + UInt128(number))
  let table = SourceFilter.table
  transaction.add([SetElement(port, .mac(mac))], to: SourceFilter.l2, in: table)
  transaction.add(
    [SetElement(port, .mac(mac), .ipv4(IPv4Address(rawValue: 0x0a20_0000 + UInt32(number))))],
    to: SourceFilter.bind4, in: table)
  transaction.add(
    [SetElement(port, .mac(mac), .ipv6(.linkLocal(from: mac))), SetElement(port, .mac(mac), .ipv6(global))],
    to: SourceFilter.bind6, in: table)
}

private func pod(_ number: Int, _ command: String...) -> String {
  run("ip", "netns", "exec", "pod\(number)", "sh", "-c", command.joined(separator: " ") + " || true")
}

@Suite struct SourceFilterPodTests {
  @Test func podsTalk() async {
    await #expect(processExitsWith: .success) {
      enterNewNode()
      run("ip", "link", "add", "br0", "type", "bridge", "forward_delay", "0")
      run("ip", "link", "set", "br0", "addrgenmode", "none", "up")
      let connection = try connect()
      var transaction = Transaction()
      SourceFilter.install(&transaction)
      for number in 1...2 { bind(number, &transaction) }
      try transaction.commit(on: connection)
      for number in 1...2 { run("sh", "-e", "-c", addPod(number)) }
      for number in 1...2 {
        // Duplicate address detection takes about two seconds.
        for _ in 0..<200 where pod(number, "ip -6 address show tentative").contains("inet6") { usleep(50_000) }
      }
      let received = ", 1 received"
      for command in [
        "ping -c1 -W1 10.32.0.2", "ping -c1 -W1 -s 4000 10.32.0.2", "ping -c1 -W1 2001:db8::2",
        "ping -c1 -W1 -s 4000 2001:db8::2", "ping -c1 -W1 fe80::ff:fe00:2%eth0",
      ] where !pod(1, command).contains(received) {
        Issue.record("\(command) fails: \(try dropped(connection))")
      }
      // Router solicitations are useless where no pod may answer them.
      let reasons = try dropped(connection).filter { $0 != "router advertisement, redirect or unknown ICMPv6" }
      expectEqual(reasons, [])

      _ = pod(1, "ip address add 10.32.0.9/12 dev eth0; ip address add 2001:db8::9/64 dev eth0 nodad")
      for command in [
        "ping -c1 -W1 -I 10.32.0.9 10.32.0.2", "ping -c1 -W1 -I 2001:db8::9 2001:db8::2",
        "ip neigh flush dev eth0; ip link set eth0 address 02:00:00:00:00:08; ping -c1 -W1 10.32.0.2",
      ] where pod(1, command).contains(received) {
        Issue.record("\(command) succeeds")
      }
      _ = pod(1, "ip link set eth0 address 02:00:00:00:00:01")
      expectEqual(pod(1, "ping -c1 -W1 10.32.0.2").contains(received), true)
    }
  }
}

/// The reasons for which something was dropped so far.
private func dropped(_ connection: Connection) throws -> [String] {
  try connection.rules(of: SourceFilter.table).filter { ($0.counter?.packets ?? 0) > 0 }.compactMap(\.comment)
}
