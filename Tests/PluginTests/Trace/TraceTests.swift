import JSON
import Testing

/// `contrailctl trace` says what the kernel has of the way between two pods, and what the definitions say.
@Suite struct TraceTests {
  @Test("Two connected networks, and the default one: both families can talk; nothing is changed by asking")
  func connected() throws {
    try TraceLab.with { lab in
      let before = try lab.node.namespaces.map { try $0.routes("-4") + $0.routes("-6") }
      let report = try lab.trace()
      let pairs = try #require(report["pairs"]?.array)
      #expect(pairs.count == 4 && pairs.allSatisfy { $0["canTalk"] == true }, "\(report.text())")
      #expect(pairs.map { $0["from"]?["interface"]?.string } == ["eth0", "eth0", "eth1", "eth1"])
      #expect(pairs[2]["reason"] == "target:23:1")
      #expect(try lab.node.namespaces.map { try $0.routes("-4") + $0.routes("-6") } == before)
      let text = try lab.node.contrailctl("trace", "lab/\(lab.left.name)", "172.16.2.2", "--port", "80")
      #expect(text.succeeded && text.standardOutput.contains("Port 80: no rule"), "\(text)")
    }
  }

  @Test("Where nothing connects the networks, the definitions' reason is given and the kernel's end of the way")
  func unconnected() throws {
    try TraceLab.with { lab in
      try lab.node.apply(network(2, ["importRouteTargetList": ["target:23:1"]]))
      var report = try lab.trace("--interface", "eth1")
      var pair = try #require(report["pairs"]?.array?.first)
      #expect(pair["canTalk"] == false)
      #expect(pair["reason"]?.string?.contains("lab/n2 imports lab/n1 (target:23:1), but lab/n1 does not") == true)
      try lab.node.apply(network(2))
      report = try lab.trace("--interface", "eth1")
      pair = try #require(report["pairs"]?.array?.first)
      #expect(
        pair["reason"]
          == "no route target and no VirtualNetworkRouter connects k8s-contrail/default-podnetwork or lab/n1 with lab/n2"
      )
      #expect(pair["remedy"]?.string?.hasPrefix("give lab/n1 and lab/n2 a common route target") == true)
      // The default route leads to the node, which knows nothing of the network.
      #expect(faults(report)[0] == "instance k8s-contrail/default-podnetwork instanceRoute", "\(report.text())")
    }
  }

  @Test("Wrong usage: pods that are not there, one pod on both sides, an interface and a port that are none")
  func usage() throws {
    try TraceLab.with { lab in
      let pod = "lab/\(lab.left.name)"
      for (arguments, message) in [
        (["trace", "lab/nobody", pod], "pods \"nobody\" not found"), (["trace", pod, pod], "is on both sides"),
        (["trace", pod, "172.16.1.2"], "is on both sides"),
        (["trace", pod, "lab/\(lab.right.name)", "--interface", "eth9"], "has no interface eth9"),
        (["trace", pod, "10.0.0.1", "--port", "0"], "--port: 0"), (["trace", "a/b/c", pod], "is no pod"),
      ] {
        let outcome = try lab.node.contrailctl(arguments: arguments)
        #expect(!outcome.succeeded && outcome.standardError.contains(message), "\(outcome)")
      }
    }
  }
}
