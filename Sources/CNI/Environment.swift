/// The environment variables through which a runtime calls.
package enum EnvironmentVariable: String, CaseIterable, Sendable {
  case command = "CNI_COMMAND"
  case containerID = "CNI_CONTAINERID"
  case netns = "CNI_NETNS"
  case interfaceName = "CNI_IFNAME"
  case arguments = "CNI_ARGS"
  case path = "CNI_PATH"
  case netnsOverride = "CNI_NETNS_OVERRIDE"
}

/// A call's environment. Runtimes export every variable, empty where they have nothing to say: empty equals unset.
package struct Environment: Sendable {
  package let verb: Verb
  /// Empty for GC, STATUS and VERSION, whatever the variable holds.
  package let containerID: String
  /// The path of the container's network namespace; empty where there is none.
  package let netns: String
  /// Empty for GC, STATUS and VERSION, whatever the variable holds.
  package let interfaceName: String
  package let arguments: CNIArguments
  package let path: String
  /// Whether the container's namespace may be the plugin's own.
  package let allowsOwnNamespace: Bool

  /// Reads and checks the variables that the verb needs; `nil` without a verb.
  package init?(_ lookUp: (String) -> String?) throws(CNIError) {
    func value(_ variable: EnvironmentVariable) -> String { lookUp(variable.rawValue) ?? "" }
    let command = value(.command)
    if command.isEmpty { return nil }
    guard let verb = Verb(rawValue: command) else {
      throw CNIError(
        .invalidEnvironment, "CNI_COMMAND: \(quoted(command)) is not a command",
        "expected one of " + Verb.allCases.map(\.rawValue).joined(separator: ", ") + " in upper case")
    }
    let missing = verb.requiredVariables.filter { value($0).isEmpty }
    guard missing.isEmpty else {
      throw CNIError(
        .invalidEnvironment, "\(verb) needs " + missing.map(\.rawValue).joined(separator: ", "),
        "empty or unset in the environment")
    }
    let isAboutContainer = !verb.requiredVariables.isEmpty
    self.verb = verb
    containerID = isAboutContainer ? try checkedContainerID(value(.containerID)) : ""
    interfaceName = isAboutContainer ? try checkedInterfaceName(value(.interfaceName)) : ""
    netns = isAboutContainer ? value(.netns) : ""
    arguments = isAboutContainer ? CNIArguments(value(.arguments)) : CNIArguments("")
    path = value(.path)
    allowsOwnNamespace = isTrue(value(.netnsOverride))
    // DEL has to succeed for whatever ADD was called with.
    if verb != .delete, let pair = arguments.malformed.first {
      throw CNIError(.invalidEnvironment, "CNI_ARGS: \(quoted(pair)) is not valid", "expected KEY=VALUE;KEY=VALUE")
    }
  }
}

/// What the reference library takes for true.
private func isTrue(_ text: String) -> Bool {
  switch text {
  case "1", "t", "T", "true", "TRUE", "True": true
  default: false
  }
}

private func checkedContainerID(_ text: String) throws(CNIError) -> String {
  guard isIdentifier(text) else {
    throw CNIError(
      .invalidEnvironment, "CNI_CONTAINERID: \(quoted(text)) is not valid",
      "expected a letter or digit, then letters, digits, '_', '.' or '-'")
  }
  return text
}

private func checkedInterfaceName(_ text: String) throws(CNIError) -> String {
  if let reason = interfaceNameProblem(text) {
    throw CNIError(.invalidEnvironment, "CNI_IFNAME: \(quoted(text)) is not valid", reason)
  }
  return text
}
