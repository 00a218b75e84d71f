import Glibc
import JSON
import Testing

/// `contrailctl doctor` finds what is not as records, definitions and kernel together say it should be, names it, and says
/// what to do; `--fix` does it. A node on which nothing was damaged has no findings.
@Suite struct DoctorTests {
  @Test("Nothing is found on a sound node, with pods and without, and nothing is changed by asking")
  func sound() throws {
    try Self.withLab { lab in
      let before = try Snapshot(of: lab.node)
      let report = try Self.doctor(lab.node)
      #expect(report.problems == [])
      #expect(report.value["attachments"] == 2 && report.value["instances"] == 4, "\(report.outcome)")
      let fix = try lab.node.contrailctl("doctor", "--fix")
      #expect(
        fix.succeeded
          && fix.standardOutput == "Nothing is wrong; 2 attachments and 4 routing instances were looked at.\n", "\(fix)"
      )
      expectEqual(try Snapshot(of: lab.node), before)
      for pod in [lab.left, lab.right] { try lab.node.delete(pod) }
      #expect(try Self.doctor(lab.node).problems == [])
    }
  }

  /// Bridges and their ports are told what a network's mode and a pod's pairs ask for, also when those come later.
  @Test("Nothing is found whatever the mode", arguments: ["l2", "l2_l3", "l3"], ["enable", "disable"])
  func modes(_ mode: String, _ rpf: String) throws {
    try withNode { node in
      let properties: JSONValue = ["forwardingMode": .string(mode), "rpf": .string(rpf)]
      try node.apply(
        labNamespace,
        definition("a", ["ipamV4Subnet": "172.16.10.0/24", "virtualNetworkProperties": properties]))
      let moving = selection(#"[{"ip":"172.16.10.100","mac":"00:00:5e:00:01:33"}]"#)
      let pods = try ["a", moving, "a"].map { try VirtualRouterTests.add(node, $0) }
      #expect(try Self.doctor(node).problems == [])
      let name = try node.interfaceView("eth1", of: pods[2])
      let pair: JSONValue = ["ip": ["ipPrefix": "172.16.10.100", "ipPrefixLen": 32], "mac": "00:00:5e:00:01:33"]
      try node.apply(pairManifest(name, [pair]))
      #expect(try Self.doctor(node).problems == [])
      try node.apply(pairManifest(name, []))
      #expect(try Self.doctor(node).problems == [])
    }
  }

  @Test("Nothing is found, and nothing is made, where no plugin ever ran")
  func fresh() throws {
    try withNode { node in
      let report = try Self.doctor(node)
      #expect(report.problems == [])
      let files = try Shell.run(["ls", node.runDirectory])
      #expect(files.isEmpty)
    }
  }

  @Test("Whatever is damaged is found and named; --fix mends what it can", arguments: damages)
  func damaged(_ damage: Damage) throws {
    try Self.withLab { lab in
      try damage.command(lab)
      let report = try Self.doctor(lab.node)
      if damage.kind.isEmpty {
        #expect(report.problems == [])
        return
      }
      let finding = report.value["findings"]?.array?.first {
        $0["kind"]?.string == damage.kind && $0["problem"]?.string?.contains(damage.word) == true
      }
      #expect(finding != nil, "\(report.outcome)")
      #expect(finding?["remedy"]?.string?.isEmpty == false && finding?["reason"]?.string?.isEmpty == false)
      #expect(finding?["treatable"]?.bool == damage.isFixed, "\(report.outcome)")
      let fix = try Self.doctor(lab.node, "--fix")
      if !damage.isFixed {
        #expect(fix.kinds.contains(damage.kind), "\(fix.outcome)")
        return
      }
      #expect(fix.fixed.contains(damage.kind) && fix.problems == [], "\(fix.outcome)")
      #expect(try Self.doctor(lab.node).problems == [])
      guard !["pod-gone", "unfinished"].contains(damage.kind) else { return }
      try lab.node.settle()
      for (pod, result) in zip([lab.left, lab.right], lab.results) {
        expectSilentSuccess(try lab.node.check(pod, result))
      }
      #expect(try lab.node.ping(from: lab.left.namespace, "172.16.2.2"))
    }
  }
}
