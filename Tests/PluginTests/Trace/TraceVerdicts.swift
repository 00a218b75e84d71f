import JSON
import Testing

// What trace says, in one word, and a node to ask about.

/// The verdict: whether they can talk; `nil` where the trace says that nobody can know.
func verdict(
  _ node: Node, _ pod: Pod, _ address: String, _ kind: Attempt.Kind = .ping
) throws -> (Bool?, String) {
  var words = ["trace", "\(pod.project)/\(pod.name)", address]
  if kind != .ping { words += ["--port", "\(Station.port)/\(kind)"] }
  let json = try node.contrailctl(arguments: words + ["-o", "json"])
  let report = try #require(parse(json.standardOutput), "\(json)")
  let canTalk = report["canTalk"].flatMap { $0 == .null ? nil : $0 == true }
  #expect(json.succeeded == (canTalk == true), "\(json)")
  return (canTalk, report.text())
}

/// Networks n1 and n2, which a target connects, and n3, which nothing does.
func withNetworks(_ body: (Node, [Pod]) throws -> Void) throws {
  try withNode { node in
    try node.apply(labNamespace)
    for number in 1...3 {
      var object: JSONObject = [
        "ipamV4Subnet": .string("172.16.\(number).0/24"), "ipamV6Subnet": .string("fd00:\(number)::/64"),
      ]
      if number < 3 { object["routeTargetList"] = ["target:23:1"] }
      try node.apply(definition("n\(number)", .object(object)))
    }
    let pods = try (1...3).map { number in
      let pod = try node.makePod()
      try node.add(pod, node.configuration(networks: "n\(number)"))
      return pod
    }
    try node.settle()
    try body(node, pods)
  }
}
