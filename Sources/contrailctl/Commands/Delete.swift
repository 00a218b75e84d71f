internal import ArgumentParser
internal import VirtualNetworks

struct Delete: ClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove objects.",
    discussion: """
      A VirtualNetwork that was made from a NetworkAttachmentDefinition comes back at once; delete the definition \
      instead. Pods keep the interfaces that they have.

      Examples:
        contrailctl delete net-attach-def vn1
        contrailctl delete vn/vn1 subnet/vn1-v4
        contrailctl delete -f nad.yaml
      """)

  @Argument(help: ArgumentHelp("KIND NAME..., or KIND/NAME...", valueName: "kind"), completion: kindCompletion)
  var words: [String] = []

  @Flag(help: "An object that does not exist is no error.")
  var ignoreNotFound = false

  @OptionGroup var files: FileOptions
  @OptionGroup var namespaces: NamespaceOptions
  @OptionGroup var connection: ConnectionOptions

  static var changesObjects: Bool { true }

  func run(on cluster: any Cluster, _ console: Console) throws {
    guard words.isEmpty != files.files.isEmpty else { throw Failure("must specify either objects or -f FILE") }
    if words.isEmpty {
      var keys: [ObjectKey] = []
      for manifest in manifests(files, console) {
        do { keys.append(try manifest.object(namespace: namespaces.namespace).key) } catch { console.fail(error) }
      }
      // What others need goes after them: files have things in the order in which they are made.
      for rank in 0...Self.lastRank {
        for key in keys where Self.rank(key.kind) == rank { delete(key, cluster, console) }
      }
      return
    }
    let targets = try Targets(words).targets
    guard targets.allSatisfy({ !$0.names.isEmpty }) else {
      throw Failure("resource(s) were provided, but no name was specified")
    }
    for target in targets {
      for name in target.names { delete(target.kind.key(name, namespace: namespaces.current), cluster, console) }
    }
  }

  private static let lastRank = 3

  private static func rank(_ kind: Kind) -> Int {
    switch kind {
    case .virtualNetwork: 1
    case .subnet: 2
    case .namespace: lastRank
    default: 0
    }
  }

  private func delete(_ key: ObjectKey, _ cluster: any Cluster, _ console: Console) {
    do {
      let key = try cluster.resolved(key)
      let plan = try cluster.delete(key)
      console.line("\(key.kind.resource.qualifiedSingular) \"\(key.name)\" deleted")
      for warning in plan.warnings { console.warn(warning) }
    } catch let error as ObjectError where error.reason == .notFound && ignoreNotFound {
      return
    } catch {
      console.fail(error)
    }
  }
}

extension ResourceKind {
  /// The object of that name, in the namespace if the kind has namespaces.
  func key(_ name: String, namespace: String) -> ObjectKey {
    ObjectKey(kind, namespace: isNamespaced ? namespace : "", name)
  }
}
