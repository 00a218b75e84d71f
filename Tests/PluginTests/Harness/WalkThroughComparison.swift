/// Commands and their outputs, as a terminal shows them: `$ command`, its output, and headings that begin with `# `.
struct Session {
  struct Step {
    /// What kubectl's user would type: `contrailctl` and `kubectl` are one, and so are a file's paths.
    var command: String
    var output: [String] = []
  }
  private(set) var steps: [Step] = []

  init(_ text: String) {
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("$ ") {
        isInside = true
        steps.append(Step(command: Self.typed(String(line.dropFirst(2)))))
      } else if line.hasPrefix("# ") {
        isInside = false
      } else if isInside {
        steps[steps.count - 1].output.append(line)
      }
    }
    for index in steps.indices {
      while steps[index].output.last == "" { steps[index].output.removeLast() }
    }
  }

  private static func typed(_ command: String) -> String {
    var command = command.replacing("contrailctl ", with: "kubectl ").replacing("-f examples/", with: "-f ")
    if command.hasPrefix("ip -n ") && command.hasSuffix("-pod a") { command = "ip a" }
    return command.replacing(" | head -n 4", with: "")
  }
}

/// What two runs of a command have in common. Every rule here is a line of docs/differences-from-cn2.md.
struct Comparison {
  private let command: String
  /// Whether both runs have the same names, so that digests and columns are the same.
  private let isIdentical: Bool

  init(_ command: String, isIdentical: Bool) {
    self.command = command
    self.isIdentical = isIdentical
  }

  private var isTable: Bool { command.hasPrefix("kubectl get") || command.hasPrefix("kubectl api-resources") }
  private var describesNode: Bool { command.hasPrefix("kubectl describe vr ") }
  /// One pod's interfaces and addresses, a node's machines, labels.
  private var isOrderedByDigests: Bool {
    describesNode || ["kubectl get vmi", "kubectl get iip"].contains(command)
      || !isIdentical && command.hasPrefix("kubectl describe ri ")
  }
  private var listsPods: Bool { command == "kubectl get pods -o wide" }

  func lines(_ output: [String]) -> [String] {
    // The warning that names pods is on standard error.
    let lines = output.filter { !(command.hasPrefix("kubectl delete ") && $0.hasPrefix("Warning: ")) }.map(normalised)
    return isOrderedByDigests ? lines.sorted() : lines
  }

  private func normalised(_ line: String) -> String {
    if command == "ip a" { return normalisedLink(line) }
    var line = line.replacing(#/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/#, with: "UID")
      .replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#, with: "TIME")
      .replacing(#/02(:[0-9a-f]{2}){5}/#, with: "MAC")
    if isTable { line = line.replacing(#/ {3}(\d+[smhdy])+(?= |$)/#, with: "   AGE") }
    // Digests of names that the variant replaced, or that end in other digits.
    if !isIdentical || describesNode { line = line.replacing(#/[0-9a-f]{56}/#, with: "DIGEST") }
    let namesWorkloads = ["kubectl get vm", "kubectl get vmi", "kubectl get iip"].contains(command)
    // Eight digits, or six where a label is cut off at 63 characters.
    if namesWorkloads || describesNode { line = line.replacing(#/-[0-9a-f]{6,8}(?=\s|$)/#, with: "-HASH") }
    // The first label stands beside the word.
    if isOrderedByDigests { line = line.replacing(#/^(Labels:)? +(back-reference)/#) { String($0.output.2) } }
    if describesNode {
      line = line.replacing(#/^  Generation: +\d+$/#, with: "  Generation: 1")
    }
    if command.hasPrefix("kubectl describe pods"), line.hasPrefix("Events:") { return "Events:" }
    // Columns are as wide as what is in them.
    if isTable, !isIdentical || listsPods || command == "kubectl get iip" || command.contains("api-resources") {
      line = line.replacing(#/ {2,}/#, with: "  ")
    }
    if !isTable { line = line.replacing(#/: {2,}/#, with: ": ") }
    return line
  }

  private func normalisedLink(_ line: String) -> String {
    line.replacing(#/^\d+: (\w+)@if\d+:/#) { "N: \($0.output.1)@ifN:" }
      .replacing(#/ group \w+ (qlen 1000)?$/#, with: " group default ")
      .replacing(#/02(:[0-9a-f]{2}){5}/#, with: "MAC")
      .replacing(#/ link-netnsid \d+/#, with: " link-netnsid N")
      .replacing(#/fe80::[0-9a-f:]+/#, with: "fe80::N")
  }
}
