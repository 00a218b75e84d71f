package import JSON

/// What VERSION prints: the caller's version where its input names one of ours, else the newest.
///
/// VERSION needs no input, and whatever is wrong with it is no error.
package func versionReply(input: [UInt8] = []) -> JSONValue {
  let requested =
    input.isEmpty
    ? nil : (try? JSONValue(parsing: input, limit: JSONValue.configurationLimit))?.object?["cniVersion"]?.string
  let version = requested.flatMap { CNIVersion($0) } ?? .latest
  return [
    "cniVersion": .string(version.text),
    "supportedVersions": .array(CNIVersion.all.map { .string($0.text) }),
  ]
}

/// The version in which to answer input that cannot be served: the caller's where its input names one of ours, else the
/// newest.
package func replyVersion(input: [UInt8]) -> CNIVersion {
  guard let object = (try? JSONValue(parsing: input, limit: JSONValue.configurationLimit))?.object else {
    return .latest
  }
  guard let declared = object["cniVersion"] else { return .implied }
  return declared.string.flatMap { CNIVersion($0) } ?? .latest
}

/// What a person sees who calls the plugin without a command; for standard error.
package func aboutText(program: String, version: String) -> String {
  """
  \(program) \(version): attaches Kubernetes pods to Contrail virtual networks (a CNI plugin)
  CNI versions: \(CNIVersion.all.map(\.text).joined(separator: ", "))
  Called by a container runtime, with \(EnvironmentVariable.command.rawValue) in the environment.

  """
}
