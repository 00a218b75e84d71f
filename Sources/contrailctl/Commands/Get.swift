internal import ArgumentParser
internal import NetworkAttachments
internal import ObjectPrinting
internal import VirtualNetworks

struct Get: ClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "List objects, or print them for other programs.",
    discussion: """
      'contrailctl api-resources' lists the kinds with their short names. 'get network-status POD' prints what a pod \
      got in each of its networks, as the annotation k8s.v1.cni.cncf.io/network-status holds it.

      Examples:
        contrailctl get vn
        contrailctl get net-attach-def,vn,subnet -n team-a
        contrailctl get vmi -A -l app=web
        contrailctl get vn vn1 -o yaml
        contrailctl get network-status vn1-pod
      """)

  enum Output: String, ExpressibleByArgument, CaseIterable {
    case wide
    case yaml
    case json
    case name
  }

  @Argument(
    help: ArgumentHelp("KIND[,KIND...] [NAME...], KIND/NAME..., or network-status POD", valueName: "kind"),
    completion: kindCompletion)
  var words: [String] = []

  @Option(
    name: [.customShort("o", allowingJoined: true), .long], help: ArgumentHelp("The format.", valueName: "format"))
  var output: Output?

  @Flag(help: "Without the line of headings.")
  var noHeaders = false

  @Flag(help: "With the labels, in the last column.")
  var showLabels = false

  @Flag(help: "An object that does not exist is no error.")
  var ignoreNotFound = false

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var connection: ConnectionOptions

  func run(on cluster: any Cluster, _ console: Console) throws {
    if words.first == "network-status" { return try networkStatus(cluster, console) }
    let isTable = output == nil || output == .wide
    let query = try Query(words, selection, (isTable && !showLabels) || output == .name ? .columns : .everything)
    guard let format = output.flatMap({ DocumentFormat(rawValue: $0.rawValue) }) else {
      return try tables(query, cluster, console)
    }
    if query.isByName {
      var found: [APIObject] = []
      let isMissing = try query.run(cluster, console, ignoreNotFound: ignoreNotFound) { found += $1 }
      if found.isEmpty && (isMissing || format == .name) { return }
      return console.write(format.text(found, isList: found.count != 1))
    }
    var list = DocumentList(format)
    _ = try query.run(cluster, console) { console.write(list.text($1)) }
    console.write(list.end)
  }

  private func tables(_ query: Query, _ cluster: any Cluster, _ console: Console) throws {
    var options = ObjectTable.Options()
    options.showsNamespace = selection.isAllNamespaces
    options.showsKind = query.kinds.count > 1
    options.showsLabels = showLabels
    options.showsHeader = !noHeaders
    options.isWide = output == .wide
    let now = currentSeconds()
    var current: (kind: Kind, table: ObjectTable)?
    let isMissing = try query.run(cluster, console, ignoreNotFound: ignoreNotFound) { kind, page in
      if current?.kind != kind.kind {
        if current != nil { console.line("") }
        current = (kind.kind, ObjectTable(kind, options, now: now))
      }
      console.write(current?.table.text(page) ?? "")
    }
    if current == nil && !isMissing && !ignoreNotFound { console.note(query.nothingFound) }
  }

  private func networkStatus(_ cluster: any Cluster, _ console: Console) throws {
    guard words.count == 2, !selection.isAllNamespaces, selection.selector == nil, output == nil else {
      throw Failure("network-status takes the name of one pod")
    }
    let namespace = selection.namespaces.current
    guard let statuses = try cluster.networkStatus(namespace: namespace, pod: words[1]) else {
      let key = ObjectKey(.pod, namespace: namespace, words[1])
      guard try cluster.object(key) == nil else {
        throw Failure("pod \"\(words[1])\" is defined, and does not run on this node: it has no network-status yet")
      }
      throw ObjectError.notFound(key)
    }
    console.line(NetworkStatus.annotation(statuses))
  }
}
