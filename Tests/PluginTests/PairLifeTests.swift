import Glibc
import JSON
import Testing

/// What pairs leave behind: nothing. Another pod shares them, a connected network has routes to them, and all of that is as
/// before when the pod has gone, however the calls about it ended.
@Suite struct PairLifeTests {
  private static let pairs =
    #"[{"ip":"172.16.10.100","mac":"00:00:5e:00:01:33"},{"ip":"172.16.10.128/28","addressMode":"active-active"},"#
    + #"{"ip":"10.99.0.0/24","addressMode":"active-active"},{"ip":"fd00:99::1"}]"#

  /// Every how manieth moment a process is killed at: they are many, and neighbours leave the same.
  private static let stride = 12

  /// A node with one pod that has the pairs, one of a connected network, and one whose calls are disturbed.
  private func withSite(_ body: (Node, Pod, JSONValue) throws -> Void) throws {
    try VirtualRouterTests.withNetworks { node in
      _ = try VirtualRouterTests.add(node, selection(Self.pairs))
      _ = try VirtualRouterTests.add(node, "b")
      let pod = try node.makePod()
      let configuration = node.configuration(networks: selection(Self.pairs))
      // The pools are known then, and their addresses have been given once.
      try node.add(pod, configuration)
      try node.delete(pod, configuration)
      try node.settleAddresses()
      try body(node, pod, configuration)
    }
  }

  private func points(_ all: some Sequence<KillPoint>) -> [KillPoint] {
    all.enumerated().filter { $0.offset % Self.stride == 0 }.map(\.element)
  }

  @Test("A killed ADD with pairs, then DEL")
  func killedAdd() throws {
    try withSite { node, pod, configuration in
      let before = try Snapshot(of: node)
      let (environment, input) = (node.environment("ADD", pod), Child.Input.text(configuration.text()))
      let all = try KillPoint.all(of: environment, input, on: node)
      try node.delete(pod, configuration)
      for point in points(all) {
        let outcome = try point.run(environment, input, on: node)
        #expect(outcome.ending == .signalled(SIGKILL), "\(point)")
        try node.delete(pod, configuration)
        expectEqual(try Snapshot(of: node), before, "killed before \(point)")
      }
    }
  }

  @Test("A killed DEL with pairs, then DEL or GC")
  func killedDelete() throws {
    try withSite { node, pod, configuration in
      let before = try Snapshot(of: node)
      let (environment, input) = (node.environment("DEL", pod), Child.Input.text(configuration.text()))
      try node.add(pod, configuration)
      let all = try KillPoint.all(of: environment, input, on: node)
      let others: JSONValue = .array(
        node.pods.filter { $0.container != pod.container }
          .map { ["containerID": .string($0.container), "ifname": "eth0"] })
      for (index, point) in points(all).enumerated() {
        try node.add(pod, configuration)
        _ = try point.run(environment, input, on: node)
        if index % 2 == 0 {
          try node.delete(pod, configuration)
        } else {
          let collection = configuration.settingMember("cni.dev/valid-attachments", others)
          expectSilentSuccess(try node.run("GC", nil, collection))
          try node.delete(pod, configuration)
        }
        expectEqual(try Snapshot(of: node), before, "killed before \(point)")
      }
    }
  }

  /// Whoever applies a manifest once more after it was killed gets what it says, whatever had been done.
  @Test("A killed apply of pairs, then the same again")
  func killedApply() throws {
    try withSite { node, pod, configuration in
      try node.add(pod, configuration)
      try node.settleAddresses()
      let name = try node.interfaceView("eth1", of: pod)
      let old = pairManifest(name, try JSONValue(parsing: Self.pairs)).text()
      let new = pairManifest(
        name,
        [
          ["ip": "172.16.10.100", "mac": "00:00:5e:00:01:33"],
          ["ip": "172.16.10.192/28", "addressMode": "active-active"],
          ["ip": "10.98.0.7"], ["ip": "fd00:99::1", "addressMode": "active-active"],
        ]
      ).text()
      func apply(_ manifest: String) throws {
        let outcome = try node.contrailctl("apply", "-f", "-", input: manifest)
        #expect(outcome.succeeded, "\(outcome)")
      }
      try apply(old)
      let before = try Snapshot(of: node).withoutOrder
      let all = try KillPoint.all(on: node) {
        try node.startContrailctl(["apply", "-f", "-"], input: new, wrapper: $0)
      }
      let after = try Snapshot(of: node).withoutOrder
      #expect(before != after)
      try apply(old)
      expectEqual(try Snapshot(of: node).withoutOrder, before, "applied and taken back")
      // What comes before the first change of the store leaves nothing.
      for point in points(all.suffix(160)) {
        _ = try node.startContrailctl(["apply", "-f", "-"], input: new, wrapper: point.wrapper).finish()
        try apply(new)
        expectEqual(try Snapshot(of: node).withoutOrder, after, "killed before \(point), then again")
        _ = try node.startContrailctl(["apply", "-f", "-"], input: old, wrapper: point.wrapper).finish()
        try apply(old)
        expectEqual(try Snapshot(of: node).withoutOrder, before, "killed before \(point), then back")
      }
    }
  }
}
