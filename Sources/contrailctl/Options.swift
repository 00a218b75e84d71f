internal import ArgumentParser
internal import VirtualNetworks

/// Which cluster a command is about.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network configuration with the cluster's name and networks.",
      discussion: "Otherwise CONTRAIL_CONF, otherwise the first file of /etc/cni/net.d with type contrail-k8s-cni.",
      valueName: "file"),
    completion: .file())
  var conf: String?

  @Option(
    help: ArgumentHelp(
      "Where definitions are kept.",
      discussion: "Otherwise CONTRAIL_STATE_DIR, the configuration's state-dir, /var/lib/contrail.",
      valueName: "directory"),
    completion: .directory)
  var stateDir: String?

  @Option(
    help: ArgumentHelp(
      "Where attachments are recorded.",
      discussion: "Otherwise CONTRAIL_RUN_DIR, the configuration's run-dir, /run/contrail.", valueName: "directory"),
    completion: .directory)
  var runDir: String?
}

struct NamespaceOptions: ParsableArguments {
  @Option(
    name: [.customShort("n", allowingJoined: true), .long],
    help: ArgumentHelp("The namespace.", valueName: "namespace"))
  var namespace: String?

  var current: String { namespace ?? "default" }
}

/// Which objects of a kind a command is about.
struct SelectionOptions: ParsableArguments {
  @OptionGroup var namespaces: NamespaceOptions

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "The objects of every namespace.")
  var isAllNamespaces = false

  @Option(
    name: [.customShort("l", allowingJoined: true), .long],
    help: ArgumentHelp("Only objects with these labels: 'app=web,tier!=db,env in (a,b),!old'.", valueName: "labels"))
  var selector: String?

  /// `nil` for all.
  var namespace: String? { isAllNamespaces ? nil : namespaces.current }
}

struct FileOptions: ParsableArguments {
  @Option(
    name: [.customShort("f", allowingJoined: true), .customLong("filename")],
    help: ArgumentHelp(
      "A file of manifests, YAML or JSON, a directory of such files, or - for standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String] = []

  @Flag(name: [.customShort("R"), .long], help: "Also the directories in a directory.")
  var recursive = false
}

/// A command on a cluster; tests give it another one than the node's.
protocol ClusterCommand: ParsableCommand {
  var connection: ConnectionOptions { get }
  static var changesObjects: Bool { get }
  func run(on cluster: any Cluster, _ console: Console) throws
}

extension ClusterCommand {
  static var changesObjects: Bool { false }

  mutating func run() throws {
    let console = Console.standard()
    do {
      let cluster = try openCluster(connection, changesObjects: Self.changesObjects, console)
      if Self.changesObjects {
        for failure in try cluster.changingNode({ try run(on: cluster, console) }) {
          console.fail(Failure("not brought up to date: \(failure)"))
        }
      } else {
        try run(on: cluster, console)
      }
    } catch {
      console.fail(error)
    }
    if console.hasFailed { throw ExitCode.failure }
  }
}
