import Glibc
import JSON
import Testing

/// An ADD with three networks, of which one has no routing instance yet, killed before each of its system calls that has
/// an effect: DEL gets back to what was before, pins, mounts and locks included.
@Suite struct SeveralNetworksCrashTests {
  @Test("A killed ADD with a new instance among three, then DEL")
  func killedAdd() throws {
    try withLab { node in
      let other = try node.makePod()
      try node.add(other, node.configuration(networks: "a,b"))
      let pod = try node.makePod()
      let environment = node.environment("ADD", pod)
      let configuration = node.configuration(networks: "a,dual,b")
      let input = Child.Input.text(configuration.text())
      let before = try Snapshot(of: node)
      let points = try KillPoint.all(of: environment, input, on: node)
      #expect(points.contains { $0.call == "unshare" } && points.contains { $0.call == "mount" })
      try node.delete(pod, configuration)
      for point in points {
        let outcome = try point.run(environment, input, on: node)
        #expect(outcome.ending == .signalled(SIGKILL), "\(point)")
        try node.delete(pod, configuration)
        if !expectEqual(try Snapshot(of: node), before, "killed before \(point)") { break }
      }
    }
  }
}
