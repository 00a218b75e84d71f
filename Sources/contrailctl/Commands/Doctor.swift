internal import ArgumentParser
internal import JSON
internal import PluginVerbs

struct Doctor: ClusterCommand {
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  static let configuration = CommandConfiguration(
    abstract: "Say what is wrong on this node, and mend it.",
    discussion: """
      Compares what is recorded, what is defined and what the kernel has: namespaces, bridges, links, addresses, routes, \
      rules, parameters, files and locks. Each finding is told with why it matters and what to do. With --fix everything \
      is done that can be done; pods keep running. Pods that the store does not know, because it was lost, are taken in \
      again from what the kernel has of them.

      The exit code is 0 where nothing was found, or nothing is left.

      Examples:
        contrailctl doctor
        contrailctl doctor --fix
        contrailctl doctor -o json
      """)

  @Flag(help: "Do what can be done.")
  var fix = false

  @Option(name: [.customShort("o", allowingJoined: true), .long], help: "text or json.")
  var output = Output.text

  @OptionGroup var connection: ConnectionOptions

  func run(on cluster: any Cluster, _ console: Console) throws {
    let diagnosis = try cluster.diagnose(fixes: fix)
    switch output {
    case .text: console.write(diagnosis.text)
    case .json: console.line(diagnosis.json.text(.pretty))
    }
    if !diagnosis.findings.isEmpty || !diagnosis.failures.isEmpty { console.refuse() }
  }
}

extension Diagnosis {
  /// Each finding with reason and remedy, then what was looked at.
  fileprivate var text: String {
    var text = ""
    for finding in fixed { text += "fixed: \(finding.problem)\n" }
    for failure in failures { text += "not done: \(failure)\n" }
    for finding in findings {
      text += "\(finding.kind.rawValue): \(finding.problem)\n  why: \(finding.kind.reason)\n  do:  \(finding.remedy)\n"
    }
    for pod in busy { text += "skipped: \(pod), because a call works on it\n" }
    let looked = "\(count(attachments, "attachment")) and \(count(instances, "routing instance")) were looked at"
    if findings.isEmpty {
      return text + (fixed.isEmpty ? "Nothing is wrong; \(looked).\n" : "Nothing is left; \(looked).\n")
    }
    let treatable = findings.filter(\.isTreatable).count
    return text + "\(count(findings.count, "finding")), of which --fix treats \(treatable); \(looked).\n"
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  fileprivate var json: JSONValue {
    [
      "findings": .array(findings.map(\.json)), "fixed": .array(fixed.map(\.json)),
      "failures": .array(failures.map { .string($0) }), "skipped": .array(busy.map { .string($0) }),
      "attachments": .integer(Int64(attachments)), "instances": .integer(Int64(instances)),
    ]
  }
}

extension Finding {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "problem": .string(problem), "reason": .string(kind.reason),
      "remedy": .string(remedy), "treatable": .bool(isTreatable),
    ]
  }
}
