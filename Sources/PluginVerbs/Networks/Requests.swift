internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

/// The networks that a call asks for, in the order of the pod's interfaces.
struct Requests {
  private(set) var all: [NetworkRequest] = []
  private(set) var warnings: [String] = []
  /// Whether the pod's namespace is one that no object describes.
  private(set) var hasUnknownNamespace = false
  /// Whether the first interface gets the default routes that nobody claims.
  private let hasDefaultRoutes: Bool
  /// Whether the configuration names no network, so that the pod's own selection counts.
  let isPodsChoice: Bool

  /// - Parameter annotations: the pod's, as the runtime passes them; `nil` where it does not.
  init(_ call: PluginCall, _ annotations: JSONObject?, _ networks: NetworkDirectory) throws {
    if let network = try Self.delegated(call, networks) {
      hasDefaultRoutes = call.interfaceName == "eth0"
      isPodsChoice = false
      all = [try NetworkRequest(call, network: network)]
      warnings = network.oddities(of: all[0].pairs)
      return
    }
    hasDefaultRoutes = true
    isPodsChoice = true
    try readSelection(call, annotations, networks)
  }

  /// The one network that a meta-plugin wants. Then the pod's own selection is the meta-plugin's business.
  ///
  /// Beyond the pod's namespace a name counts for other interfaces than `eth0` only: nobody's definition may replace the
  /// default network of others.
  private static func delegated(_ call: PluginCall, _ networks: NetworkDirectory) throws -> NodeNetwork? {
    let namespace = call.podNamespace
    guard let written = call.contrail.network else {
      return try networks.network(
        named: call.network.name, near: namespace, everywhere: call.interfaceName != "eth0")
    }
    let candidates =
      NetworkReference(written)?.candidates(from: namespace, clusterName: call.contrail.clusterName) ?? []
    return try networks.network(candidates, for: "contrail.network: \(written)")
  }

  private mutating func readSelection(
    _ call: PluginCall, _ annotations: JSONObject?, _ networks: NetworkDirectory
  ) throws {
    let cluster = call.contrail.clusterName
    let namespace = try namespaceFacts(call, networks.definitions)
    let annotations = try annotations ?? storedAnnotations(call, networks.definitions)
    let selection: PodNetworks
    do throws(NetworkSelectionError) {
      selection = try PodNetworks(
        podAnnotations: annotations, namespace: namespace, clusterName: cluster, interface: call.interfaceName)
    } catch {
      throw CNIError(error)
    }
    if let (annotation, element, request) = selection.unsupported.first {
      throw CNIError(request, of: element, in: annotation)
    }
    warnings += selection.warnings
    let first = selection.first
    let network = try networks.network(first.candidates, for: first.source, isPodNetwork: first.mustBePodNetwork)
    all = [
      try NetworkRequest(
        call, network: network, first.element, source: first.source, addressAnnotation: first.addressAnnotation)
    ]
    warnings += network.oddities(of: all[0].pairs)
    for (element, name) in zip(selection.others.elements, selection.interfaceNames) {
      let source = element.source(in: selection.others.annotation)
      let network = try networks.network(
        element.network.candidates(from: namespace.name, clusterName: cluster), for: source)
      all.append(try NetworkRequest(name, network, element, source: source))
      warnings += network.oddities(of: element.allowedAddressPairs).map { "\(source): \($0)" }
    }
  }

  /// A namespace that no object describes is treated as the configuration says.
  private mutating func namespaceFacts(
    _ call: PluginCall, _ definitions: ObjectReader
  ) throws -> NamespaceFacts {
    let name = call.podNamespace
    if let known = try definitions.namespace(name) {
      return NamespaceFacts(name: name, annotations: known.annotations, labels: known.labels)
    }
    guard call.contrail.unknownNamespace == .shared || call.identity.namespace == nil else {
      throw CNIError(
        .tryAgainLater, "K8S_POD_NAMESPACE: no Namespace object describes \(name)",
        "contrail.unknown-namespace is refuse: apply the Namespace, or set it to shared")
    }
    hasUnknownNamespace = call.identity.namespace != nil
    return NamespaceFacts(name: name)
  }

  /// The annotations of the pod's own object, for runtimes that pass none.
  private func storedAnnotations(_ call: PluginCall, _ definitions: ObjectReader) throws -> JSONObject {
    guard let name = call.identity.name else { return [:] }
    return try definitions.pod(namespace: call.podNamespace, name: name)?.annotations ?? [:]
  }

  /// A MAC address is asked for once in a network, and is none of the project's own.
  private func checkMACs() throws(CNIError) {
    for (index, request) in all.enumerated() {
      guard let mac = request.mac else { continue }
      let field = request.source.isEmpty ? "mac" : "\(request.source): mac"
      if NodeNames.isReserved(mac) {
        throw CNIError(.invalidConfiguration, "\(field): \(mac) is kept for gateways and links", "expected another")
      }
      if all[..<index].contains(where: { $0.mac == mac && $0.network.name == request.network.name }) {
        throw CNIError(
          .invalidConfiguration, "\(field): \(mac) is asked for twice in network \(request.network.name)",
          "expected another")
      }
    }
  }

  /// The interfaces to make: who has which default route is known only now that all are.
  func plans() throws(CNIError) -> [InterfacePlan] {
    try checkMACs()
    let claimant = all.firstIndex { $0.claim != nil }
    let claimed = try claimant.map { (index) throws(CNIError) in try all[index].claimedRoutes() } ?? [:]
    return all.enumerated().map { index, request in
      var routes: [IPFamily: IPAddress] = index == claimant ? claimed : [:]
      if index == 0 && hasDefaultRoutes && request.network.instance.mode != .l2 {
        for pool in request.network.pools where claimed[pool.family] == nil {
          routes[pool.family] = pool.subnets[0].gateway
        }
      }
      return InterfacePlan(
        name: request.interface, network: request.network, source: request.source, addresses: request.addresses,
        addressField: request.addressField,
        mac: request.mac, pairs: request.pairs, defaultRoutes: routes)
    }
  }
}
