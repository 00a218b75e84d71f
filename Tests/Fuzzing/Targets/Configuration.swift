import CNI
import JSON
import NetworkAttachments

extension FuzzTarget {
  /// Standard input: what every verb reads of the network configuration before it does anything.
  static let configuration = FuzzTarget(name: "configuration", maximumLength: 8192) { bytes in
    try checkReply(versionReply(input: bytes))
    _ = replyVersion(input: bytes)
    guard let network = try reading({ try NetworkConfiguration(parsing: bytes) }) else { return }
    _ = try reading { try ContrailConfiguration(forCleanUp: network) }
    if let contrail = try reading({ try ContrailConfiguration(network) }) { _ = contrail.warnings }
    for part in parts { try reading { try part(network) } }
    guard let result = try reading({ try network.previousResult() }), let result else { return }
    for version in CNIVersion.all { try reading { try checkReply(result.json(version: version)) } }
  }

  /// `CNI_ARGS`, and what is asked for there.
  static let arguments = FuzzTarget(name: "arguments", maximumLength: 4096) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let environment = try reading {
      try Environment { ["CNI_COMMAND": "ADD", "CNI_ARGS": text][$0] ?? "x" }
    }
    let arguments = CNIArguments(text)
    try require((environment == nil) == !arguments.malformed.isEmpty, "malformed pairs pass")
    _ = PodIdentity(arguments).description
    let network = try NetworkConfiguration(parsing: Array(#"{"name": "n", "type": "t"}"#.utf8))
    try reading { _ = try network.requestedMAC(arguments) }
    try reading { _ = try network.requestedAddresses(arguments) }
  }
}

private let parts: [@Sendable (NetworkConfiguration) throws -> Void] = [
  { _ = try $0.capabilities() }, { _ = try $0.runtimeConfig().podAnnotations() },
  { _ = try $0.runtimeConfig().dns() }, { _ = try $0.runtimeConfig().aliases() },
  { _ = try $0.runtimeConfig().cgroupPath() }, { _ = try $0.runtimeConfig().portMappings() },
  { _ = try $0.runtimeConfig().bandwidth() }, { _ = try $0.runtimeConfig().ipRanges() }, { _ = try $0.dns() },
  { _ = try $0.labels() }, { _ = try $0.requestedMAC(CNIArguments("")) },
  { _ = try $0.requestedAddresses(CNIArguments("")) }, { _ = try $0.validAttachments() },
]

/// What is printed can be read again.
private func checkReply(_ value: JSONValue) throws {
  let text = value.text(.pretty)
  try require((try? JSONValue(parsing: text)) == value, "printed and read again it is another: \(text.prefix(500))")
}
