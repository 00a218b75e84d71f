internal import ArgumentParser
internal import VirtualNetworks

struct Apply: ClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make or change the objects of manifests.",
    discussion: """
      Applies NetworkAttachmentDefinition, VirtualNetwork, VirtualNetworkRouter, Subnet, Namespace and Pod (labels and annotations only), \
      and the allowedAddressPairs of the VirtualMachineInterface of a running pod. Other kinds are refused by name.

      Examples:
        contrailctl apply -f nad.yaml
        contrailctl apply -f manifests/ -n team-a
        cat nad.yaml | contrailctl apply -f -
      """)

  @OptionGroup var files: FileOptions
  @OptionGroup var namespaces: NamespaceOptions
  @OptionGroup var connection: ConnectionOptions

  static var changesObjects: Bool { true }

  func run(on cluster: any Cluster, _ console: Console) throws {
    guard !files.files.isEmpty else { throw Failure("must specify -f FILE, -f DIRECTORY or -f -") }
    for manifest in manifests(files, console) {
      do {
        let object = try manifest.object(namespace: namespaces.namespace)
        let plan = try cluster.apply(object)
        console.line("\(plan.key.kind.resource.qualifiedSingular)/\(plan.key.name) \(plan.outcome.rawValue)")
        for warning in plan.warnings { console.warn(warning) }
        if let failure = plan.failure { console.fail(failure) }
      } catch {
        console.fail(error)
      }
    }
  }
}
