internal import ArgumentParser
internal import JSON
internal import NetworkAddresses

struct Trace: ClusterCommand {
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  static let configuration = CommandConfiguration(
    abstract: "Say whether two pods can talk, through what, and why not.",
    discussion: """
      Everything that packets need on their way, there and back, is looked up in the kernel, a line for each thing: in the \
      pods, in the routing instances, in the transit between them. Nothing is sent, and nothing is changed. The first fault \
      is named with what mends it, and the route target or the router that connects the networks, or that nothing does.

      For each address of the second pod the first one's interface is the one that its kernel takes, or the one that the \
      definitions want. The exit code is 0 if they can talk by any of them.

      Examples:
        contrailctl trace left-pod right-pod
        contrailctl trace team-a/left-pod team-b/right-pod --interface eth1
        contrailctl trace left-pod 172.16.20.2 --port 80
      """)

  @Argument(help: ArgumentHelp("The first pod.", valueName: "[namespace/]pod"))
  var from: String

  @Argument(help: ArgumentHelp("The other pod, or an address.", valueName: "[namespace/]pod|address"))
  var to: String

  @Option(help: ArgumentHelp("Only this interface of the other pod.", valueName: "name"))
  var interface: String?

  @Option(help: ArgumentHelp("A port of TCP or UDP: what has a say about ports is told.", valueName: "number"))
  var port: Int?

  @Option(name: [.customShort("o", allowingJoined: true), .long], help: "text or json.")
  var output = Output.text

  @OptionGroup var namespaces: NamespaceOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if let port, !(1...65535).contains(port) { throw ValidationError("--port: \(port) is no port, 1 to 65535") }
  }

  func run(on cluster: any Cluster, _ console: Console) throws {
    let target: TraceQuestion.Target = try IPAddress(to).map { .address($0) } ?? .pod(pod(to))
    let report = try cluster.trace(TraceQuestion(from: pod(from), to: target, interface: interface))
    switch output {
    case .text: console.write(report.text(port: port))
    case .json: console.line(report.json(port: port).text())
    }
    if !report.canTalk { console.refuse() }
  }

  private func pod(_ word: String) throws -> TraceQuestion.PodName {
    let parts = word.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
      throw Failure("\"\(word)\" is no pod: [namespace/]name")
    }
    return TraceQuestion.PodName(
      namespace: parts.count == 2 ? parts[0] : namespaces.current, name: parts[parts.count - 1])
  }
}
