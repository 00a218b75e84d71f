import JSON
import Testing

/// Where anything on the way between two pods is broken, exactly that is named, and `contrailctl doctor --fix` makes
/// everything again that is not inside a pod.
@Suite struct TraceBreakTests {
  /// What is broken by which command, and what the trace has to name for IPv4.
  struct Break: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let fault: String
    /// Whether `contrailctl doctor --fix` mends it.
    var isMended = true
    let command: @Sendable (TraceLab) throws -> Void

    init(_ fault: String, isMended: Bool = true, _ command: @escaping @Sendable (TraceLab) throws -> Void) {
      testDescription = fault
      self.fault = fault
      self.isMended = isMended
      self.command = command
    }
  }

  static let breaks: [Break] = [
    Break("pod left podRoute") { try Shell.run(["ip", "route", "del", "172.16.2.0/24"], in: $0.left.namespace) },
    Break("pod left podLink", isMended: false) {
      try Shell.run(["ip", "link", "set", "eth1", "down"], in: $0.left.namespace)
    },
    Break("pod right podLink", isMended: false) {
      try Shell.run(["ip", "link", "set", "eth1", "down"], in: $0.right.namespace)
    },
    Break("pod right podAddress", isMended: false) {
      try Shell.run(["ip", "address", "add", "172.16.2.77/24", "dev", "eth1"], in: $0.right.namespace)
      try Shell.run(["ip", "address", "del", "172.16.2.2/24", "dev", "eth1"], in: $0.right.namespace)
    },
    Break("pod right podRoute") { try Shell.run(["ip", "route", "del", "172.16.1.0/24"], in: $0.right.namespace) },
    Break("instance lab/n1 bridge") { try Shell.run(["ip", "link", "del", "contrail0"], in: $0.instances[0]) },
    Break("instance lab/n2 bridge") { try Shell.run(["ip", "link", "del", "contrail0"], in: $0.instances[1]) },
    Break("instance lab/n1 gateway") {
      try Shell.run(["ip", "address", "del", "172.16.1.1/24", "dev", "contrail0"], in: $0.instances[0])
    },
    Break("instance lab/n1 hostEnd") {
      try Shell.run(["ip", "link", "set", $0.hostEnds[0], "nomaster"], in: $0.instances[0])
    },
    Break("instance lab/n2 hostEnd") {
      try Shell.run(["ip", "link", "set", $0.hostEnds[1], "nomaster"], in: $0.instances[1])
    },
    Break("instance lab/n1 sourceFilter") {
      try Shell.run(["nft", "flush", "set", "bridge", "contrail", "bind4"], in: $0.instances[0])
    },
    Break("instance lab/n2 sourceFilter") {
      try Shell.run(["nft", "flush", "set", "bridge", "contrail", "bind4"], in: $0.instances[1])
    },
    Break("instance lab/n1 transitEnd") { try Shell.run(["ip", "link", "del", "tr0"], in: $0.instances[0]) },
    Break("instance lab/n1 instanceRoute") {
      try Shell.run(["ip", "route", "del", "172.16.2.0/24"], in: $0.instances[0])
    },
    Break("instance lab/n2 instanceRoute") {
      try Shell.run(["ip", "route", "del", "172.16.1.0/24"], in: $0.instances[1])
    },
    Break("transit transitLink") { try Shell.run(["ip", "link", "set", "vni6", "down"], in: $0.transit) },
    Break("transit rule") { try Shell.run(["ip", "rule", "del", "iif", "vni5"], in: $0.transit) },
    Break("transit transitRoute") {
      try Shell.run(["ip", "route", "del", "172.16.2.0/24", "table", "\(0x100_0000 + 5)"], in: $0.transit)
    },
    Break("transit reverseRoute") {
      try Shell.run(["ip", "route", "del", "172.16.1.0/24", "table", "\(0x100_0000 + 6)"], in: $0.transit)
    },
    Break("transit transitNamespace", isMended: false) { lab in
      // The namespace lives on by another name: its links are there, its pin is not.
      let other = "\(lab.node.directory)/held"
      try Shell.run(["touch", other])
      try Shell.run(["mount", "--bind", lab.transit.path, other])
      try Shell.run(["umount", lab.transit.path])
    },
  ]

  @Test(
    "Whatever is broken is named, alone; IPv6 goes on where only IPv4 is broken; doctor --fix mends it",
    arguments: breaks)
  func broken(_ broken: Break) throws {
    try TraceLab.with { lab in
      try broken.command(lab)
      let names = ["left": lab.left.name, "right": lab.right.name]
      let fault = names.reduce(broken.fault) { $0.replacing("pod \($1.key)", with: "pod lab/\($1.value)") }
      let report = try lab.trace("--interface", "eth1")
      #expect(faults(report).first == fault, "\(report.text())")
      #expect(report["pairs"]?.array?.first?["remedy"]?.string?.isEmpty == false)
      guard broken.isMended else { return }
      let repair = try lab.node.contrailctl("doctor", "--fix")
      #expect(repair.succeeded, "\(repair)")
      try lab.node.settle()
      let after = try lab.trace("--interface", "eth1")
      #expect(after["canTalk"] == true && faults(after) == ["", ""], "\(after.text())")
      #expect(try lab.node.ping(from: lab.left.namespace, "172.16.2.2"))
    }
  }
}
