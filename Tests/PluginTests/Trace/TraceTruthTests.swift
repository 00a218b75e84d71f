import JSON
import Testing

/// What `contrailctl trace` says is what happens: every verdict is compared with a ping, a TCP connection and a datagram of
/// the same pod at the same time, over both families.
@Suite struct TraceTruthTests {
  /// The verdict: whether they can talk; `nil` where the trace says that nobody can know.
  private func verdict(
    _ node: Node, _ pod: Pod, _ address: String, _ kind: Attempt.Kind = .ping
  ) throws -> (Bool?, String) {
    var words = ["trace", "\(pod.project)/\(pod.name)", address]
    if kind != .ping { words += ["--port", "\(Station.port)/\(kind)"] }
    let json = try node.contrailctl(arguments: words + ["-o", "json"])
    let report = try #require(parse(json.standardOutput), "\(json)")
    let canTalk = report["canTalk"].flatMap { $0 == .null ? nil : $0 == true }
    #expect(json.succeeded == (canTalk == true), "\(json)")
    return (canTalk, report.text())
  }

  @Test("Every cell of the table of who reaches whom that begins in a pod", arguments: KubeProxy.Mode.allCases)
  func matrix(_ mode: KubeProxy.Mode) throws {
    try withNode { node in
      let cluster = try Reachability(node, mode)
      for cell in ReachabilityTests.table {
        // The second mode is another way to services, and to nothing else.
        guard let pod = cluster.pods[cell.from], mode == .iptables || cell.to.contains("service") else { continue }
        let addresses = cluster.addresses(of: cell.to)
        let found = try cluster.attempt(
          cell.from, addresses, at: cluster.station(behind: cell.to), wait: cell.isReached ? 1 : 0.12)
        for (number, address) in addresses.enumerated() {
          for (index, kind) in Attempt.Kind.allCases.enumerated() {
            let (canTalk, text) = try verdict(node, pod, address, kind)
            // Nobody knows that this IPv6 address is a service's: for all that is known, it is outside.
            if kind == .ping, text.contains("what is beyond is not looked at"), cell.to.contains("service") { continue }
            #expect(
              canTalk == found.answered[3 * number + index],
              "\(cell.from) → \(cell.to) \(address) \(kind): answered \(found.answered), trace says \(text)")
          }
        }
      }
    }
  }
}
