import JSON
import Testing

// What doctor says, and the node that it is asked on.

extension DoctorTests {
  struct Report {
    let outcome: Outcome
    let value: JSONValue

    var kinds: Set<String> { Set(value["findings"]?.array?.compactMap { $0["kind"]?.string } ?? []) }
    var problems: [String] { value["findings"]?.array?.compactMap { $0["problem"]?.string } ?? [] }
    var fixed: Set<String> { Set(value["fixed"]?.array?.compactMap { $0["kind"]?.string } ?? []) }
    func finding(_ kind: String) -> JSONValue? {
      value["findings"]?.array?.first { $0["kind"]?.string == kind }
    }
    var failures: [String] { value["failures"]?.strings ?? [] }
  }

  static func doctor(_ node: Node, _ more: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> Report
  { try doctor(node, more, sourceLocation: sourceLocation) }

  static func doctor(_ node: Node, _ more: [String], sourceLocation: SourceLocation = #_sourceLocation) throws
    -> Report
  {
    let outcome = try node.contrailctl(arguments: ["doctor", "-o", "json"] + more)
    let value = try #require(parse(outcome.standardOutput), "\(outcome)", sourceLocation: sourceLocation)
    let report = Report(outcome: outcome, value: value)
    #expect(
      outcome.succeeded == (report.kinds.isEmpty && report.failures.isEmpty), "\(outcome)",
      sourceLocation: sourceLocation)
    return report
  }

  /// Pods `left` in n1 and `right` in n2, which a target connects, `right` also in `s`, which has an uplink.
  struct Lab {
    let node: Node
    let left: Pod
    let right: Pod
    /// Of `left` and `right`.
    let results: [JSONValue]

    func instance(_ name: String) -> NetworkNamespace { node.instance("lab.\(name)") }
    func hostEnd(_ name: String) throws -> String { try node.hostEnds(in: "lab.\(name)")[0] }
    var store: String { "\(node.runDirectory)/attachments.db" }
  }

  private static func network(_ name: String, _ subnet: Int, _ more: JSONValue = [:]) -> JSONValue {
    let own: JSONValue = [
      "ipamV4Subnet": .string("172.16.\(subnet).0/24"), "ipamV6Subnet": .string("fd00:\(subnet)::/64"),
    ]
    return definition(name, own.merging(more))
  }

  static func withLab(_ body: (Lab) throws -> Void) throws {
    try withNode { node in
      let shared: JSONValue = ["routeTargetList": ["target:23:1"]]
      try node.apply(
        labNamespace, network("n1", 1, shared), network("n2", 2, shared),
        network("s", 3, ["fabricSNAT": true, "podNetwork": true]))
      let pods = [try node.makePod(), try node.makePod()]
      let results = try zip(pods, ["n1", "n2,s"]).map { try node.add($0, node.configuration(networks: $1)) }
      try node.settle()
      try body(Lab(node: node, left: pods[0], right: pods[1], results: results))
    }
  }
}
