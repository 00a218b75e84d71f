/// What a runtime asks for with `CNI_COMMAND`. The names are case-sensitive.
package enum Verb: String, CaseIterable, Sendable {
  case add = "ADD"
  case delete = "DEL"
  case check = "CHECK"
  case collectGarbage = "GC"
  case status = "STATUS"
  case version = "VERSION"

  /// The environment variables without which the verb cannot be served.
  package var requiredVariables: [EnvironmentVariable] {
    switch self {
    case .add, .check: [.containerID, .netns, .interfaceName]
    case .delete: [.containerID, .interfaceName]
    case .collectGarbage, .status, .version: []
    }
  }
}

extension Verb: CustomStringConvertible {
  package var description: String { rawValue }
}
