import CNI
import Glibc
import KernelSandbox
import LinuxSystem
import Netlink
import NetworkAttachments
import Testing

@testable import PluginVerbs

/// A kernel that lacks something that the plugin needs: doctor names what it refused, and what to load.
@Suite struct KernelFeatureTests {
  /// What the kernel does not know, how it says so, and what cannot be made without it.
  @Test(
    arguments: [
      ("bridge", EOPNOTSUPP, "a routing instance"), ("connlimit", ENOENT, "limits of connections"),
      ("fib", ENOENT, "the transit"),
    ])
  func lacking(_ feature: String, _ number: Int32, _ part: String) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        [feature = feature as String, number = number as Int32, part = part as String] in
        let node = try TestNode()
        #expect(try node.examine { (kind) throws(Errno) in try NetlinkSocket(kind) }.findings.isEmpty)
        let diagnosis = try node.examine(LackingKernel(feature: feature, errno: Errno(rawValue: number)).open)
        #expect(diagnosis.findings.map(\.kind) == [.kernelFeature], "\(diagnosis.findings)")
        let finding = try #require(diagnosis.findings.first)
        #expect(finding.problem.hasPrefix("the kernel refuses \(part): "), "\(finding)")
        #expect(finding.remedy.hasPrefix("modprobe -a ") && !finding.isTreatable)
      })
  }

  /// Without `nft_connlimit` there are no pods as long as the configuration limits how many connections a port has open.
  @Test func withoutConnectionLimits() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let kernel = LackingKernel(feature: "connlimit", errno: .noSuchFile)
        do {
          try node.add(pod, kernel)
          Issue.record("no error")
        } catch let error as CNIError {
          #expect(error.code == .kernelRefused && error.details.contains("connection-limit"), "\(error)")
        }
        node.extra = #", "connection-limit": 0"#
        let findings = try node.examine(kernel.open).findings
        Sandbox.expectEqual(findings.filter { $0.kind == .kernelFeature }.map(\.problem), [])
        try node.add(pod, kernel)
        let rules = Sandbox.run("nft", "list", "table", "inet", "contrail")
        if !rules.contains("opens connections too fast") { Issue.record("no limit of the rate:\n\(rules)") }
        try node.delete(pod, kernel)
      })
  }
}

extension TestNode {
  fileprivate func examine(
    _ open: @escaping (NetlinkProtocol) throws(Errno) -> any Transport
  ) throws -> Diagnosis {
    let call = try call(.status)
    return try Examination(Node(for: call, log: PluginLog(path: nil, threshold: .debug), open: open), isComplete: true)
      .run()
  }
}

/// A kernel that refuses every request in which a name appears, as one without that module does.
private struct LackingKernel: SocketPlan {
  let feature: String
  let errno: Errno

  func open(_ kind: NetlinkProtocol) throws(Errno) -> any Transport {
    LackingTransport(try NetlinkSocket(kind), feature, errno, isTransactional: kind == .netfilter)
  }
}

private final class LackingTransport: Transport {
  private var kernel: any Transport
  private let feature: [UInt8]
  private let errno: Errno
  private let isTransactional: Bool

  init(_ kernel: any Transport, _ feature: String, _ errno: Errno, isTransactional: Bool) {
    self.kernel = kernel
    self.feature = Array(feature.utf8) + [0]
    self.errno = errno
    self.isTransactional = isTransactional
  }

  var port: UInt32 { kernel.port }
  func enableStrictDumps() throws(Errno) { try kernel.enableStrictDumps() }
  func receive(into buffer: inout [UInt8]) throws(Errno) -> Int { try kernel.receive(into: &buffer) }

  func send(_ datagram: [UInt8]) throws(Errno) {
    let index = Array(Messages(datagram[...])).firstIndex { $0.payload.contains(feature) }
    if let index {
      kernel = FaultInjectingTransport(kernel, failing: index + 1, with: errno, isTransactional: isTransactional)
    }
    try kernel.send(datagram)
  }
}
