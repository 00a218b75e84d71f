import JSON
import Testing

/// A call that a real runtime made: its environment and standard input.
struct CapturedCall: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var environment: [String: String]
  var stdin: JSONValue

  /// All captured calls, by file name.
  static let all: [CapturedCall] = {
    let names = (try? Shell.run(["ls", "\(Programs.repository)/Tests/PluginTests/Fixtures/callers"]).lines) ?? []
    return names.compactMap { try? CapturedCall(file: $0) }
  }()

  static func all(_ verb: String) -> [CapturedCall] { all.filter { $0.verb == verb } }

  private init(file: String) throws {
    let call = try JSONValue(parsing: Programs.fixture("callers/" + file))
    testDescription = file
    environment = [:]
    for member in call["environment"]?.object?.members ?? [] { environment[member.key] = member.value.string }
    stdin = call["stdin"] ?? [:]
  }

  var verb: String { environment["CNI_COMMAND"] ?? "" }
  var asksForNetworks: Bool { stdin["runtimeConfig"]?[Self.annotations]?[Self.networks] != nil }

  static let annotations = "io.kubernetes.cri.pod-annotations"
  static let networks = "k8s.v1.cni.cncf.io/networks"

  /// The call for our node and pod: real namespace, our directories, our own previous result.
  func on(_ node: Node, _ pod: Pod?, verb: String? = nil, keepingNetworks: Bool = false, result: JSONValue? = nil)
    -> CapturedCall
  {
    var call = self
    if let verb { call.environment["CNI_COMMAND"] = verb }
    if let pod, call.environment["CNI_NETNS"] != "" || verb == "ADD" { call.environment["CNI_NETNS"] = pod.netns }
    if self.verb != "VERSION" {
      var contrail = node.contrail
      if testDescription.hasPrefix("podman") {
        contrail = contrail.setting("pod-network.ipamV4Subnet", "10.251.0.0/24")
      }
      call.stdin = call.stdin.setting("contrail", contrail)
    }
    if !keepingNetworks, asksForNetworks {
      let kept = stdin["runtimeConfig"]![Self.annotations]!.settingMember(Self.networks, nil)
      call.stdin = call.stdin.setting("runtimeConfig", stdin["runtimeConfig"]!.settingMember(Self.annotations, kept))
    }
    if call.stdin["prevResult"] != nil || result != nil { call.stdin = call.stdin.setting("prevResult", result) }
    return call
  }

  func run(on node: Node) throws -> Outcome { try node.run(environment, .text(stdin.text())) }
}
