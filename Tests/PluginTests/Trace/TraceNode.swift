import JSON
import Testing

// What trace says, and nodes to ask about.

extension Node {
  /// What is reported of the ways from a pod to an address or a pod; the exit status is the verdict.
  func trace(_ pod: Pod, _ words: String...) throws -> JSONValue { try trace(pod, words) }

  func trace(_ pod: Pod, _ words: [String]) throws -> JSONValue {
    let outcome = try contrailctl(arguments: ["trace", "\(pod.project)/\(pod.name)"] + words + ["-o", "json"])
    let report = try #require(parse(outcome.standardOutput), "\(outcome)")
    #expect(outcome.succeeded == (report["canTalk"] == true), "\(outcome)")
    return report
  }
}

extension Node {
  /// A pod in each of the networks, beside the default one.
  func addPods(_ networks: String...) throws -> [Pod] {
    let pods = try networks.map { network in
      let pod = try makePod()
      try add(pod, configuration(networks: network))
      return pod
    }
    try settle()
    return pods
  }
}

/// `place part` of the fault of each pair of addresses; empty where they can talk.
func faults(_ report: JSONValue) -> [String] {
  (report["pairs"]?.array ?? []).map { pair in
    pair["fault"].map { "\($0["place"]?.string ?? "") \($0["part"]?.string ?? "")" } ?? ""
  }
}

/// The verdict: whether they can talk; `nil` where the trace says that nobody can know.
func verdict(
  _ node: Node, _ pod: Pod, _ address: String, _ kind: Attempt.Kind = .ping
) throws -> (Bool?, String) {
  let report = try node.trace(pod, [address] + (kind == .ping ? [] : ["--port", "\(Station.port)/\(kind)"]))
  return (report["canTalk"].flatMap { $0 == .null ? nil : $0 == true }, report.text())
}

/// A network `n1`, `n2`, … of both families.
func network(_ number: Int, _ more: JSONObject = [:]) -> JSONValue {
  var object: JSONObject = [
    "ipamV4Subnet": .string("172.16.\(number).0/24"), "ipamV6Subnet": .string("fd00:\(number)::/64"),
  ]
  for member in more.members { object[member.key] = member.value }
  return definition("n\(number)", .object(object))
}

/// What connects networks that have it.
let sharedTarget: JSONObject = ["routeTargetList": ["target:23:1"]]

/// Networks n1 and n2, which a target connects, and n3, which nothing does.
func withNetworks(_ body: (Node, [Pod]) throws -> Void) throws {
  try withNode { node in
    try node.apply(labNamespace, network(1, sharedTarget), network(2, sharedTarget), network(3))
    try body(node, try node.addPods("n1", "n2", "n3"))
  }
}
