internal import ObjectPrinting
internal import VirtualNetworks

/// Which objects a command reads.
struct Query {
  private let targets: Targets
  private let namespace: String?
  private let selector: LabelSelector
  private let detail: ViewDetail

  /// - Parameter detail: how much of each object is used.
  init(_ words: [String], _ selection: SelectionOptions, _ detail: ViewDetail = .everything) throws {
    targets = try Targets(words)
    namespace = selection.namespace
    self.detail = selection.selector == nil ? detail : .everything
    selector =
      try selection.selector.map { (text) throws(LabelSelector.Failure) in try LabelSelector(text) } ?? LabelSelector()
    guard targets.isByName else { return }
    if selection.selector != nil { throw Failure("name cannot be provided when a selector is specified") }
    if selection.isAllNamespaces && targets.targets.contains(where: \.kind.isNamespaced) {
      throw Failure("a resource cannot be retrieved by name across all namespaces")
    }
  }

  var isByName: Bool { targets.isByName }

  /// The kinds asked for, each once.
  var kinds: [ResourceKind] {
    var kinds: [ResourceKind] = []
    for target in targets.targets where !kinds.contains(where: { $0.kind == target.kind.kind }) {
      kinds.append(target.kind)
    }
    return kinds
  }

  /// What is said when nothing was found, in kubectl's words.
  var nothingFound: String {
    guard let namespace, kinds.allSatisfy(\.isNamespaced) else { return "No resources found" }
    return "No resources found in \(namespace) namespace."
  }

  /// Hands the objects over in pages, none of them empty and each of one kind.
  ///
  /// - Returns: whether an object that was asked for by name does not exist; the console has been told.
  func run(
    _ cluster: any Cluster, _ console: Console, ignoreNotFound: Bool = false, isPrefixEnough: Bool = false,
    _ body: (ResourceKind, [APIObject]) throws -> Void
  ) throws -> Bool {
    var missing: [ObjectKey] = []
    for target in targets.targets {
      if target.names.isEmpty {
        try matching(target.kind, cluster) { try body(target.kind, $0) }
        continue
      }
      var found: [APIObject] = []
      for name in target.names {
        let key = try cluster.resolved(target.kind.key(name, namespace: namespace ?? "default"))
        if let object = try cluster.object(key) {
          found.append(object)
        } else if isPrefixEnough {
          let matching = try objects(cluster, key, namespace: target.kind.isNamespaced ? namespace : nil)
          if matching.isEmpty { missing.append(key) }
          found += matching
        } else {
          missing.append(key)
        }
      }
      if !found.isEmpty { try body(target.kind, found) }
    }
    if ignoreNotFound { return false }
    for key in missing { console.fail(ObjectError.notFound(key)) }
    return !missing.isEmpty
  }

  /// The objects whose names begin with the key's.
  private func objects(_ cluster: any Cluster, _ key: ObjectKey, namespace: String?) throws -> [APIObject] {
    var keys: [ObjectKey] = []
    try cluster.pages(of: key.kind, namespace: namespace, .columns) { page in
      keys += page.map(\.key).filter { $0.name.hasPrefix(key.name) }
    }
    return try keys.compactMap { try cluster.object($0) }
  }

  private func matching(
    _ kind: ResourceKind, _ cluster: any Cluster, _ body: ([APIObject]) throws -> Void
  ) throws {
    try cluster.pages(of: kind.kind, namespace: kind.isNamespaced ? namespace : nil, detail) { page in
      let objects = page.filter { selector.matches($0.metadata.labels) }
      if !objects.isEmpty { try body(objects) }
    }
  }
}
