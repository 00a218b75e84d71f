internal import ArgumentParser
internal import JSON
internal import LinuxSystem
internal import ObjectStore

struct Events: ClusterCommand {
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  static let configuration = CommandConfiguration(
    abstract: "Show how the plugin's last calls on this node ended.",
    discussion: """
      Every ADD, DEL and GC, and what failed of the others, oldest first: when, for which pod and container, how long it \
      took, and the error. About a thousand are kept.

      Examples:
        contrailctl events
        contrailctl events --failed --limit 10
        contrailctl events -o json
      """)

  @Option(help: ArgumentHelp("How many of the latest.", valueName: "number"))
  var limit = 50

  @Flag(help: "Only those that failed.")
  var failed = false

  @Option(name: [.customShort("o", allowingJoined: true), .long], help: "text or json.")
  var output = Output.text

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit: \(limit) is not valid, expected a number from 1 on") }
  }

  func run(on cluster: any Cluster, _ console: Console) throws {
    let all = try cluster.events()
    let events = all.filter { !failed || $0.code != 0 }.suffix(limit)
    switch output {
    case .text: console.write(events.isEmpty ? "" : table(Array(events)))
    case .json: console.line(JSONValue.array(events.map(\.json)).text(.pretty))
    }
    if events.isEmpty && output == .text { console.note("No events.") }
  }

  private func table(_ events: [Event]) -> String {
    let rows = [["TIME", "VERB", "POD", "CONTAINER", "IFNAME", "MS", "CODE", "MESSAGE"]] + events.map(\.columns)
    let widths = rows[0].indices.map { column in rows.map { $0[column].unicodeScalars.count }.max() ?? 0 }
    return rows.map { row in
      zip(row.dropLast(), widths).map { $0 + String(repeating: " ", count: $1 - $0.unicodeScalars.count + 3) }.joined()
        + (row.last ?? "") + "\n"
    }.joined()
  }
}

extension Event {
  fileprivate var columns: [String] {
    let name = pod.name.isEmpty ? "" : "\(pod.namespace)/\(pod.name)"
    let hundredths = (microseconds + 5) / 10
    let rest = hundredths % 100
    return [
      timestamp(time), verb, name, String(containerID.prefix(13)), interfaceName,
      "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)", String(code), oneLine(message),
    ]
  }

  /// A message may quote what a pod said.
  private func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
  }

  fileprivate var json: JSONValue {
    [
      "time": .string(timestamp(time)), "verb": .string(verb), "containerID": .string(containerID),
      "interface": .string(interfaceName), "namespace": .string(pod.namespace), "pod": .string(pod.name),
      "podUID": .string(pod.uid), "code": .integer(code), "microseconds": .integer(Int64(microseconds)),
      "message": .string(message),
    ]
  }
}
