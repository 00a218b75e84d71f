internal import ArgumentParser
internal import Dataplane
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
      is named with what mends it, and the route target or the router that connects the networks, or that nothing does. \
      Rules of nf_tables are carried out as the kernel does, those of others too: services are followed to their pods, and \
      a chain that drops is named.

      For each address of the second pod the first one's interface is the one that its kernel takes, or the one that the \
      definitions want. The exit code is 0 if they can talk by any of them, and 1 also where a foreign rule decides by what \
      cannot be known.

      Examples:
        contrailctl trace left-pod right-pod
        contrailctl trace team-a/left-pod team-b/right-pod --interface eth1
        contrailctl trace left-pod 10.96.0.10 --port 53/udp
      """)

  @Argument(help: ArgumentHelp("The first pod.", valueName: "[namespace/]pod"))
  var from: String

  @Argument(help: ArgumentHelp("The other pod, or an address.", valueName: "[namespace/]pod|address"))
  var to: String

  @Option(help: ArgumentHelp("Only this interface of the other pod.", valueName: "name"))
  var interface: String?

  @Option(
    help: ArgumentHelp(
      "A connection to a port instead of a ping: TCP, or UDP with /udp.", valueName: "number[/tcp|/udp]"))
  var port: String?

  @Option(
    help: ArgumentHelp(
      "From this address of the first pod; it may be one of an allowed address pair.", valueName: "address"))
  var source: String?

  @Option(name: [.customShort("o", allowingJoined: true), .long], help: "text or json.")
  var output = Output.text

  @OptionGroup var namespaces: NamespaceOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { _ = try flow() }

  func run(on cluster: any Cluster, _ console: Console) throws {
    let target: TraceQuestion.Target = try IPAddress(to).map { .address($0) } ?? .pod(pod(to))
    let source = try source.map { word in
      guard let address = IPAddress(word) else { throw Failure("--source: \"\(word)\" is no address") }
      return address
    }
    let report = try cluster.trace(
      TraceQuestion(from: pod(from), source: source, to: target, interface: interface, flow: flow()))
    switch output {
    case .text: console.write(report.text)
    case .json: console.line(report.json.text())
    }
    if !report.canTalk { console.refuse() }
  }

  private func flow() throws -> TraceFlow {
    guard let port else { return .echo }
    let parts = port.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    guard let number = UInt16(parts[0]), number > 0, parts.count <= 2 else {
      throw ValidationError("--port: \(port) is no port, 1 to 65535, with /udp for UDP")
    }
    switch parts.count == 2 ? parts[1] : "tcp" {
    case "tcp", "TCP": return .tcp(number)
    case "udp", "UDP": return .udp(number)
    default: throw ValidationError("--port: \(port): after the slash there is tcp or udp")
    }
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
