internal import NetworkAttachments
internal import ObjectPrinting
internal import ObjectStore
internal import PluginVerbs
internal import VirtualNetworks

/// What commands ask of a cluster.
protocol Cluster {
  var clusterName: String { get }

  /// The object, stored or seen on the node.
  func object(_ key: ObjectKey) throws -> APIObject?

  /// The objects of a kind, ordered by namespace and name, a page at a time: nothing is locked while a page is in use.
  ///
  /// - Parameters:
  ///   - namespace: `nil` for all.
  ///   - detail: how much is asked for of what is only seen on the node.
  func pages(
    of kind: Kind, namespace: String?, _ detail: ViewDetail, _ body: ([APIObject]) throws -> Void
  ) throws

  /// What the interfaces of a pod are; `nil` if no pod of that name is attached.
  func networkStatus(namespace: String, pod: String) throws -> [NetworkStatus]?

  /// Who reaches whom, as the stored objects say.
  func connectivity() throws -> Connectivity

  /// The allowed address pairs of the pods of this node, with how many interfaces have each.
  func sharedPrefixes() throws -> [SharedPrefix: Int]

  /// Makes or changes an object, with all that follows from it.
  func apply(_ manifest: APIObject) throws -> ChangePlan

  /// Removes an object, with all that follows from it.
  func delete(_ key: ObjectKey) throws -> ChangePlan

  /// Changes definitions, and brings what runs on the node in line with them.
  ///
  /// - Returns: what could not be.
  func changingNode(_ change: () throws -> Void) throws -> [String]

  /// Compares records, definitions and kernel.
  ///
  /// - Parameter fixes: whether everything is done that can be done.
  func diagnose(fixes: Bool) throws -> Diagnosis

  /// How calls of the plugin ended, oldest first.
  func events() throws -> [Event]

  /// What happened, and what there is.
  func metrics() throws -> (calls: [CallTally], counts: NodeCounts, subnets: [SubnetMetric])

  /// What is on the way between two pods, or a pod and an address.
  func trace(_ question: TraceQuestion) throws -> TraceReport
}

extension Cluster {
  /// The object of that name. A network, its definition and its routing instance have a second name, Contrail's:
  /// `<cluster>-<name>-pod-network`, or fully qualified `default-domain:<cluster>-<namespace>:…`.
  ///
  /// - Returns: the key itself where nothing else is meant.
  func resolved(_ key: ObjectKey) throws -> ObjectKey {
    guard [.virtualNetwork, .networkAttachmentDefinition, .routingInstance].contains(key.kind),
      try object(key) == nil, let reference = NetworkReference(key.name)
    else { return key }
    for name in reference.candidates(from: key.namespace, clusterName: clusterName) {
      let candidate = ObjectKey(key.kind, namespace: name.namespace, name.name)
      if try object(candidate) != nil { return candidate }
    }
    return key
  }
}
