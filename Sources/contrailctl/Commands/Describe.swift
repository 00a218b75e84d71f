internal import ArgumentParser
internal import ObjectPrinting
internal import VirtualNetworks

struct Describe: ClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show objects in full.",
    discussion: """
      A name that no object has stands for all whose names begin with it.

      Examples:
        contrailctl describe vn vn1
        contrailctl describe subnet
        contrailctl describe vmi/vn1-pod-9789f5cc
        contrailctl describe net-attach-def -A
      """)

  @Argument(
    help: ArgumentHelp("KIND[,KIND...] [NAME...], or KIND/NAME...", valueName: "kind"), completion: kindCompletion)
  var words: [String] = []

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var connection: ConnectionOptions

  func run(on cluster: any Cluster, _ console: Console) throws {
    let query = try Query(words, selection)
    var isFirst = true
    let isMissing = try query.run(cluster, console, isPrefixEnough: true) { kind, page in
      // A routing instance shows what it imports, which is told anew for every question.
      let connectivity = kind.kind == .routingInstance ? try cluster.connectivity() : nil
      for object in page.map({ connectivity?.showingImports(of: $0) ?? $0 }) {
        if !isFirst { console.write("\n\n") }
        isFirst = false
        console.write(description(of: object))
      }
    }
    if isFirst && !isMissing { console.note(query.nothingFound) }
  }
}
