internal import CNI
internal import ContrailIPAM
internal import JSON
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectPrinting
internal import ObjectStore
internal import PluginVerbs
internal import VirtualNetworks

/// The cluster of one node: what people defined is in the state directory, what runs is in the run directory.
struct NodeCluster: Cluster {
  private let settings: ClusterSettings
  private let objects: ObjectDatabase
  let attachments: AttachmentReader
  let workloads: Workloads
  private let identity: () -> NodeIdentity
  private let pageSize: Int
  let configuration: ContrailConfiguration
  /// Whether somebody named a configuration, or there is one where runtimes look.
  private let hasConfiguration: Bool

  init(
    _ settings: ClusterSettings, _ configuration: ContrailConfiguration, isConfigured: Bool = true,
    identity: @escaping () -> NodeIdentity = { NodeIdentity.current }, pageSize: Int = 250
  ) {
    self.settings = settings
    self.configuration = configuration
    hasConfiguration = isConfigured
    let lockTimeout = UInt64(configuration.lockTimeout) * 1_000_000_000
    self.identity = identity
    self.pageSize = pageSize
    objects = ObjectDatabase(
      stateDirectory: configuration.stateDirectory, note: Self.note, lockTimeout: lockTimeout)
    attachments = AttachmentReader(runDirectory: configuration.runDirectory, lockTimeout: lockTimeout)
    workloads = Workloads(attachments, clusterName: settings.clusterName)
  }

  static var note: String { "contrailctl, process \(currentProcessID())" }

  var clusterName: String { settings.clusterName }

  // MARK: Reading

  func object(_ key: ObjectKey) throws -> APIObject? {
    switch key.kind {
    case .virtualMachine, .virtualMachineInterface, .instanceIP:
      guard let workload = workloadName(key) else { return nil }
      return try workloads.named(workload, namespace: key.namespace.isEmpty ? nil : key.namespace)
        .flatMap { views(key.kind, $0, .everything) }.first { $0.key == key }
    case .virtualRouter: return try node(.everything).flatMap { $0.key == key ? $0 : nil }
    case .pod: return try pod(key)
    case .subnet: return try stored(key).map { try showingUsage([$0])[0] }
    default: return try stored(key)
    }
  }

  func pages(
    of kind: Kind, namespace: String?, _ detail: ViewDetail, _ body: ([APIObject]) throws -> Void
  ) throws {
    switch kind {
    case .virtualMachine, .virtualMachineInterface, .instanceIP:
      let order = kind == .virtualMachineInterface ? Workloads.Order.namespaceAndName : .name
      try workloads.pages(namespace: namespace, order: order, pageSize) { page in
        try body(page.flatMap { views(kind, $0, detail) })
      }
    case .virtualRouter: if let node = try node(detail) { try body([node]) }
    case .pod: try podPages(namespace, body)
    case .subnet: try storedPages(kind, namespace) { try body(showingUsage($0)) }
    default: try storedPages(kind, namespace, body)
    }
  }

  func networkStatus(namespace: String, pod: String) throws -> [NetworkStatus]? {
    try workloads.named(pod, namespace: namespace).last?.networkStatus
  }

  private func stored(_ key: ObjectKey) throws -> APIObject? { try objects.read { try $0.object(key) } }

  private func storedPages(_ kind: Kind, _ namespace: String?, _ body: ([APIObject]) throws -> Void) throws {
    var last: ObjectKey?
    while true {
      let page = try objects.read { try $0.objects(of: kind, in: namespace, after: last, limit: pageSize) }
      if !page.isEmpty { try body(page) }
      guard page.count == pageSize else { return }
      last = page.last?.key
    }
  }

  private func showingUsage(_ subnets: [APIObject]) throws -> [APIObject] {
    let known = subnets.compactMap { object in object.subnet.map { (pool: object.key.path, subnet: $0) } }
    var usage = try attachments.usage(of: known)[...]
    return subnets.map { object in object.subnet == nil ? object : usage.popFirst().map(object.showing) ?? object }
  }

  /// The pod that a view's name says it is of: names end in a hyphen and eight digits.
  private func workloadName(_ key: ObjectKey) -> Substring? {
    let prefix = key.kind == .virtualMachineInterface ? "" : settings.clusterName + "-"
    guard key.name.utf8.count > prefix.utf8.count + 9, key.name.hasPrefix(prefix) else { return nil }
    return Substring(key.name.utf8.dropFirst(prefix.utf8.count).dropLast(9))
  }

  private func pod(_ key: ObjectKey) throws -> APIObject? {
    let applied = try stored(key)
    guard let running = try workloads.named(key.name, namespace: key.namespace).last else { return applied }
    return running.object(applied, on: identity())
  }

  /// The pods that run, and those that were only applied, which are all kept in memory.
  private func podPages(_ namespace: String?, _ body: ([APIObject]) throws -> Void) throws {
    var applied: [APIObject] = []
    try storedPages(.pod, namespace) { applied += $0 }
    var rest = applied[...]
    let node = identity()
    try workloads.pages(namespace: namespace, pageSize) { page in
      var pods: [APIObject] = []
      for running in page where !running.pod.podName.isEmpty {
        let place = listingPlace(running.pod.podNamespace, running.pod.podName)
        while let next = rest.first, listingPlace(next) < place { pods.append(rest.removeFirst()) }
        let own = rest.first.flatMap { listingPlace($0) == place ? $0 : nil }
        if own != nil { rest.removeFirst() }
        if let last = pods.last, listingPlace(last) == place {
          // An earlier attempt to start it is not gone yet.
          pods[pods.count - 1] = running.object(last, on: node)
        } else {
          pods.append(running.object(own, on: node))
        }
      }
      if !pods.isEmpty { try body(pods) }
    }
    if !rest.isEmpty { try body(Array(rest)) }
  }

  private func node(_ detail: ViewDetail) throws -> APIObject? {
    guard let global = try stored(ObjectKey(.globalSystemConfig, "default-global-system-config")) else { return nil }
    let node = identity()
    var running: [PodAttachment] = []
    if detail == .everything { try workloads.pages(namespace: nil, pageSize) { running += $0.map(\.pod) } }
    return virtualRouter(node: node.name, address: node.address, globalConfig: global, running: running)
  }

  func connectivity() throws -> Connectivity { try objects.read { try $0.connectivity() } }

  func sharedPrefixes() throws -> [SharedPrefix: Int] {
    var found: [SharedPrefix: Int] = [:]
    try workloads.pages(namespace: nil, 250) { page in
      for interface in page.flatMap(\.pod.interfaces) {
        let network = "\(interface.networkNamespace)/\(interface.networkName)"
        for pair in interface.pairs {
          found[SharedPrefix(network: network, prefix: pair.prefix, mode: pair.mode), default: 0] += 1
        }
      }
    }
    return found
  }

  // MARK: Changing

  func apply(_ manifest: APIObject) throws -> ChangePlan {
    if manifest.kind == .virtualMachineInterface { return try applyInterface(manifest) }
    return try applyDefinition(manifest)
  }

  /// Of a running pod's interface, only what it may use beside its own addresses can be changed; it goes with the pod.
  private func applyInterface(_ manifest: APIObject) throws -> ChangePlan {
    let key = manifest.key
    guard let before = try object(key), let name = workloadName(key),
      let interface = try workloads.named(name, namespace: key.namespace).last(where: {
        $0.interface(named: key.name) != nil
      })?.interface(named: key.name)
    else { throw ObjectError.notFound(key) }
    for member in manifest.spec.members
    where member.key != "allowedAddressPairs" && before.spec[member.key] != member.value {
      throw ObjectError.forbidden(
        key, field: "spec.\(member.key)", "of a running pod's interface only allowedAddressPairs can be changed")
    }
    let pairs: [AllowedAddressPair]
    do { pairs = try AllowedAddressPair.pairs(inInterface: manifest.spec) } catch {
      throw ObjectError.invalid(key, field: error.path, value: error.value, "must be \(error.expected)")
    }
    do {
      let (isChanged, warnings) = try changePairs(of: interface, to: pairs, configuration, note: Self.note)
      var plan = ChangePlan(key, isChanged ? .configured : .unchanged)
      plan.warnings = warnings
      return plan
    } catch {
      throw ObjectError.invalid(
        key, field: "spec.allowedAddressPairs", value: nil,
        error.message + (error.details.isEmpty ? "" : ": \(error.details)"))
    }
  }

  private func applyDefinition(_ manifest: APIObject) throws -> ChangePlan {
    try objects.change(settings) { try $0.apply(manifest, settings, use: workloads) }
  }

  func delete(_ key: ObjectKey) throws -> ChangePlan {
    if [.virtualMachine, .virtualMachineInterface, .instanceIP, .virtualRouter].contains(key.kind) {
      guard try object(key) != nil else { throw ObjectError.notFound(key) }
      throw ObjectError.forbidden(key, "it shows what runs on the node, and goes with it")
    }
    return try objects.change(settings) { try $0.delete(key, settings, use: workloads) }
  }

  func changingNode(_ change: () throws -> Void) throws -> [String] {
    // Only to be faster: what fails here fails below too, and does not keep anybody from defining things.
    let former =
      (try? attachments.hasInstances()) == true ? try? FormerDefinitions(configuration, note: Self.note) : nil
    try change()
    // Nothing runs here, or nothing that a plugin of this boot made.
    guard try attachments.hasInstances() else { return [] }
    return try applyDefinitions(configuration, note: Self.note, former: former)
  }

  func events() throws -> [Event] { try attachments.events(limit: .max) }

  func metrics() throws -> (calls: [CallTally], counts: NodeCounts, subnets: [SubnetMetric]) {
    var subnets: [SubnetMetric] = []
    try storedPages(.subnet, nil) { page in
      let known = page.compactMap { object in object.subnet.map { (pool: object.key.path, subnet: $0) } }
      for (entry, usage) in zip(known, try attachments.usage(of: known)) {
        let prefix = entry.subnet.prefix
        subnets.append(
          SubnetMetric(
            labels: ["subnet": entry.pool, "cidr": prefix.description],
            total: Double(sign: .plus, exponent: prefix.family.bits - prefix.length, significand: 1),
            inUse: Double(usage.ipCount)))
      }
    }
    return (try attachments.tallies(), try attachments.counts(), subnets)
  }

  func diagnose(fixes: Bool) throws -> Diagnosis {
    try PluginVerbs.diagnose(configuration, note: Self.note, isComplete: hasConfiguration, fixes: fixes)
  }
}

/// The views of a pod's attachment, in order of their names.
private func views(_ kind: Kind, _ workload: Workload, _ detail: ViewDetail) -> [APIObject] {
  let views =
    switch kind {
    case .virtualMachine: [virtualMachine(of: workload.pod, detail)]
    case .virtualMachineInterface: virtualMachineInterfaces(of: workload.pod, detail)
    case .instanceIP: instanceIPs(of: workload.pod, detail)
    default: [APIObject]()
    }
  return views.count < 2 ? views : views.sorted { $0.metadata.name < $1.metadata.name }
}

/// What a listing is ordered by, as in Kubernetes: `a-b/x` goes before `a/x`.
private func listingPlace(_ namespace: String, _ name: String) -> String { "\(namespace)/\(name)" }
private func listingPlace(_ object: APIObject) -> String {
  listingPlace(object.metadata.namespace, object.metadata.name)
}
