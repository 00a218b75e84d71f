internal import ArgumentParser

struct Repair: ClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the kernel what the definitions say, whatever became of it.",
    discussion: """
      Looks at every routing instance that has pods, and makes again what is missing or was changed by hand: bridges, \
      filters, links to the transit, tables, rules, and the pods' routes to imported networks. Pods keep running.

      Examples:
        contrailctl repair
      """)

  @OptionGroup var connection: ConnectionOptions

  func run(on cluster: any Cluster, _ console: Console) throws {
    for failure in try cluster.repair() { console.fail(Failure("not repaired: \(failure)")) }
  }
}
