internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectPrinting
internal import ObjectStore
internal import VirtualNetworks

// What is shown of the pods that run, and of the node that they run on.

extension NodeCluster {
  /// The pod that a view's name says it is of: names end in a hyphen and eight digits.
  func workloadName(_ key: ObjectKey) -> Substring? {
    let prefix = key.kind == .virtualMachineInterface ? "" : settings.clusterName + "-"
    guard key.name.utf8.count > prefix.utf8.count + 9, key.name.hasPrefix(prefix) else { return nil }
    return Substring(key.name.utf8.dropFirst(prefix.utf8.count).dropLast(9))
  }

  func pod(_ key: ObjectKey) throws -> APIObject? {
    let applied = try stored(key)
    guard let running = try workloads.named(key.name, namespace: key.namespace).last else { return applied }
    return running.object(applied, on: identity())
  }

  /// The pods that run, and those that were only applied, which are all kept in memory.
  func podPages(_ namespace: String?, _ body: ([APIObject]) throws -> Void) throws {
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

  func node(_ detail: ViewDetail) throws -> APIObject? {
    guard let global = try stored(ObjectKey(.globalSystemConfig, "default-global-system-config")) else { return nil }
    let node = identity()
    var running: [PodAttachment] = []
    if detail == .everything { try workloads.pages(namespace: nil, pageSize) { running += $0.map(\.pod) } }
    return virtualRouter(node: node.name, address: node.address, globalConfig: global, running: running)
  }

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
}

/// The views of a pod's attachment, in order of their names.
func views(_ kind: Kind, _ workload: Workload, _ detail: ViewDetail) -> [APIObject] {
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
