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
  let settings: ClusterSettings
  let objects: ObjectDatabase
  let attachments: AttachmentReader
  let workloads: Workloads
  let identity: () -> NodeIdentity
  let pageSize: Int
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

  func stored(_ key: ObjectKey) throws -> APIObject? { try objects.read { try $0.object(key) } }

  func storedPages(_ kind: Kind, _ namespace: String?, _ body: ([APIObject]) throws -> Void) throws {
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

  func connectivity() throws -> Connectivity { try objects.read { try $0.connectivity() } }

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
