import CNI
import KernelSandbox
import Testing

/// Only who makes a routing instance has it alone, and only while it makes it: a second pod is attached while the first,
/// for which the instance was made, is still being attached.
@Suite struct FirstPodTests {
  @Test func secondPodWhileTheFirstIsAttached() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pods = [try node.makePod("first"), try node.makePod("second")]
      var result: CNIResult?
      let plan = Meanwhile(before: "veth") { result = try? node.add(pods[1]) }
      let first = try node.add(pods[0], plan)
      let second = try #require(result, "the second ADD waited for the first")
      try node.check(pods[0], first)
      try node.check(pods[1], second)
      for pod in pods { try node.delete(pod) }
      #expect(try node.attachments().isEmpty)
    }
  }

  @Test func nobodyWhileItIsMade() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pods = [try node.makePod("first"), try node.makePod("second")]
      var code: CNIError.Code?
      let plan = Meanwhile(before: "bridge\0") { code = node.code { try node.add(pods[1]) } }
      let first = try node.add(pods[0], plan)
      expectEqual(code, .tryAgainLater)
      try node.check(pods[0], first)
      try node.check(pods[1], try node.add(pods[1]))
    }
  }
}
