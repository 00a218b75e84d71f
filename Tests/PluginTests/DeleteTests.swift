import JSON
import Testing

/// DEL succeeds whatever has gone before it, and leaves nothing (26–30).
///
/// What it removes it knows from what ADD recorded: not from the namespace, the previous result or the annotations.
@Suite struct DeleteTests {
  enum Circumstance: String, CaseIterable, Sendable {
    case ordinary = "with the previous result"
    case noNamespace = "28: empty CNI_NETNS"
    case deletedNamespace = "29: the namespace is gone"
    case noPreviousResult = "30: without prevResult"
    case emptyPreviousResult = "30: empty prevResult"
    case missingLink = "the link is gone"
    case otherNamespace = "CNI_NETNS names another pod's namespace"
    case invalidAnnotations = "annotations that ADD would refuse"
    case otherConfiguration = "the configuration of another day"
  }

  @Test("After DEL the node is as before ADD", arguments: Circumstance.allCases)
  func baseline(_ circumstance: Circumstance) throws {
    try withNode { node in
      var pod = try node.makePod()
      let neighbour = try node.makePod()
      try node.add(neighbour)
      let before = try Snapshot(of: node)
      let result = try node.add(pod)
      var configuration = node.configuration()
      switch circumstance {
      case .ordinary: configuration = configuration.setting("prevResult", result)
      case .noNamespace: pod.netns = ""
      case .deletedNamespace: node.destroy(pod)
      case .noPreviousResult: break
      case .emptyPreviousResult: configuration = configuration.setting("prevResult", [:])
      case .missingLink: try Shell.run(["ip", "link", "del", "eth0"], in: pod.namespace)
      case .otherNamespace: pod.netns = neighbour.netns
      case .invalidAnnotations:
        configuration = configuration.setting(
          "runtimeConfig", ["io.kubernetes.cri.pod-annotations": ["k8s.v1.cni.cncf.io/networks": "[{"]])
      case .otherConfiguration:
        configuration = configuration.setting("contrail.pod-network.ipamV4Subnet", "10.200.0.0/16")
      }
      try node.delete(pod, configuration)
      var expected = before
      if circumstance == .deletedNamespace {
        expected.sections = before.sections.filter { !$0.key.hasPrefix(pod.namespace.name) }
      }
      expectEqual(try Snapshot(of: node), expected, "\(circumstance.rawValue)")
      try node.delete(neighbour)
    }
  }

  @Test("26, 27: DEL twice, and of what was never added")
  func repeated() throws {
    try withNode { node in
      let pod = try node.makePod()
      let never = try node.makePod()
      try node.delete(never)
      try node.add(pod)
      try node.delete(pod)
      try expectUnchanged(node) {
        try node.delete(pod)
        try node.delete(never)
      }
    }
  }

  /// What stays after the last pod is forwarding, which others may rely on by then.
  @Test("The last DEL takes the bridge and the tables along")
  func lastPod() throws {
    try withNode { node in
      let pods = [try node.makePod(), try node.makePod()]
      let before = try pods.map(\.namespace).map { try Snapshot(of: $0) } + [Snapshot(of: node.namespace)]
      for pod in pods { try node.add(pod) }
      #expect(try node.namespace.linkNames().contains(Node.bridge))
      #expect(try Shell.run(["nft", "list", "tables"], in: node.namespace).contains("table bridge contrail"))
      for pod in pods { try node.delete(pod) }
      let after = try pods.map(\.namespace).map { try Snapshot(of: $0) } + [Snapshot(of: node.namespace)]
      for (after, before) in zip(after, before) { expectEqual(after, before) }
    }
  }

  @Test("DEL succeeds on a node whose state was removed, and with a read-only state directory")
  func lostState() throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.add(pod)
      try Shell.run(["rm", "-rf", node.stateDirectory])
      try node.delete(pod)
      #expect(try node.hostEnds().isEmpty)
    }
  }
}
