internal import ArgumentParser
internal import ObjectPrinting
internal import VirtualNetworks

struct Topology: ClusterCommand {
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case table, dot, svg
  }

  static let configuration = CommandConfiguration(
    abstract: "Show which networks reach each other, and why.",
    discussion: """
      Every connection is shown with the route target or the VirtualNetworkRouters that make it. Packets are exchanged \
      where each network imports the other; what is imported one way only, or refused, is shown with the reason. \
      Below the table are the allowed address pairs of this node's pods: addresses that they share, or have beside the \
      network's own.

      Examples:
        contrailctl topology
        contrailctl topology -o svg > networks.svg
        contrailctl topology -o dot | dot -Tpdf > networks.pdf
      """)

  @Option(name: [.customShort("o", allowingJoined: true), .long], help: "table, dot (Graphviz) or svg (a picture).")
  var output = Output.table

  @OptionGroup var connection: ConnectionOptions

  func run(on cluster: any Cluster, _ console: Console) throws {
    let connectivity = try cluster.connectivity()
    switch output {
    case .table:
      let table = topologyTable(connectivity)
      if table.isEmpty { console.note("No networks are connected.") } else { console.write(table) }
      let pairs = pairTable(try cluster.sharedPrefixes())
      if !pairs.isEmpty { console.write((table.isEmpty ? "" : "\n") + pairs) }
    case .dot: console.write(topologyGraph(connectivity))
    case .svg: console.write(topologyPicture(connectivity))
    }
  }
}
