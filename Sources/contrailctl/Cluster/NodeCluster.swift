internal import ContrailIPAM
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

/// The cluster of one node: what people defined is in the state directory, what runs is in the run directory.
struct NodeCluster: Cluster {
  private let settings: ClusterSettings
  private let objects: ObjectDatabase
  private let attachments: AttachmentReader
  private let workloads: Workloads
  private let identity: () -> NodeIdentity
  private let pageSize: Int

  /// - Parameter lockTimeout: in nanoseconds.
  init(
    _ settings: ClusterSettings, stateDirectory: String, runDirectory: String, lockTimeout: UInt64,
    identity: @escaping () -> NodeIdentity = { NodeIdentity.current }, pageSize: Int = 250
  ) {
    self.settings = settings
    self.identity = identity
    self.pageSize = pageSize
    objects = ObjectDatabase(
      stateDirectory: stateDirectory, note: "contrailctl, process \(currentProcessID())", lockTimeout: lockTimeout)
    attachments = AttachmentReader(runDirectory: runDirectory, lockTimeout: lockTimeout)
    workloads = Workloads(attachments, clusterName: settings.clusterName)
  }

  // MARK: Reading

  func object(_ key: ObjectKey) throws -> APIObject? {
    switch key.kind {
    case .virtualMachine, .virtualMachineInterface, .instanceIP:
      return try workloads.attachments(whoseNameIsIn: key.name).flatMap { views(key.kind, $0) }.first { $0.key == key }
    case .virtualRouter: return try node().flatMap { $0.key == key ? $0 : nil }
    case .pod: return try pods(key.namespace) { $0 == key.name }.first
    case .subnet: return try stored(key).map { try showingUsage([$0])[0] }
    default: return try stored(key)
    }
  }

  func pages(of kind: Kind, namespace: String?, _ body: ([APIObject]) throws -> Void) throws {
    switch kind {
    case .virtualMachine, .virtualMachineInterface, .instanceIP:
      try workloads.pages(namespace: namespace, groupedByNamespace: kind == .virtualMachineInterface, pageSize) {
        page in
        try body(page.flatMap { views(kind, $0) })
      }
    case .virtualRouter: if let node = try node() { try body([node]) }
    case .pod: try body(pods(namespace) { _ in true })
    case .subnet: try storedPages(kind, namespace) { try body(showingUsage($0)) }
    default: try storedPages(kind, namespace, body)
    }
  }

  func networkStatus(namespace: String, pod: String) throws -> [NetworkStatus]? {
    try workloads.attachments(ofPod: pod, namespace: namespace).last?.networkStatus
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

  /// The pods that run, and those that were only applied.
  private func pods(_ namespace: String?, _ isWanted: (String) -> Bool) throws -> [APIObject] {
    var pods: [ObjectKey: APIObject] = [:]
    try storedPages(.pod, namespace) { page in
      for pod in page where isWanted(pod.metadata.name) { pods[pod.key] = pod }
    }
    let node = identity()
    for running in try workloads.all(namespace: namespace) where !running.pod.podName.isEmpty {
      let key = ObjectKey(.pod, namespace: running.pod.podNamespace, running.pod.podName)
      if isWanted(key.name) { pods[key] = running.object(pods[key], on: node) }
    }
    return pods.values.sorted {
      let namespaces = (listingOrder($0.metadata.namespace), listingOrder($1.metadata.namespace))
      return namespaces.0 == namespaces.1 ? $0.metadata.name < $1.metadata.name : namespaces.0 < namespaces.1
    }
  }

  private func node() throws -> APIObject? {
    guard let global = try stored(ObjectKey(.globalSystemConfig, "default-global-system-config")) else { return nil }
    let node = identity()
    return virtualRouter(
      node: node.name, address: node.address, globalConfig: global,
      running: try workloads.all(namespace: nil).map(\.pod))
  }

  // MARK: Changing

  func apply(_ manifest: APIObject) throws -> ChangePlan {
    try objects.change(settings) { try $0.apply(manifest, settings, use: workloads) }
  }

  func delete(_ key: ObjectKey) throws -> ChangePlan {
    if [.virtualMachine, .virtualMachineInterface, .instanceIP, .virtualRouter].contains(key.kind) {
      guard try object(key) != nil else { throw ObjectError.notFound(key) }
      throw ObjectError.forbidden(key, "it shows what runs on the node, and goes with it")
    }
    return try objects.change(settings) { try $0.delete(key, settings, use: workloads) }
  }
}

/// The views of a pod's attachment, in order of their names.
private func views(_ kind: Kind, _ workload: Workload) -> [APIObject] {
  let views =
    switch kind {
    case .virtualMachine: [virtualMachine(of: workload.pod)]
    case .virtualMachineInterface: virtualMachineInterfaces(of: workload.pod)
    case .instanceIP: instanceIPs(of: workload.pod)
    default: [APIObject]()
    }
  return views.sorted { $0.key < $1.key }
}
