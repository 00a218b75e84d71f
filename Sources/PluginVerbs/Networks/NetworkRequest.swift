internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import NetworkAddresses
internal import NetworkAttachments

/// One network that a call asks for, and what it wants to have there.
struct NetworkRequest {
  let interface: String
  let network: NodeNetwork
  /// At most one a family.
  let addresses: [IPFamily: IPAddress]
  /// What asks for them.
  let addressField: String
  let mac: MACAddress?
  /// The routers of the default routes that it claims; empty for the network's own gateways, `nil` without a claim.
  let claim: [IPAddress]?
  /// How messages call who asks.
  let source: String
  /// What it may send beside its own addresses.
  let pairs: [AllowedAddressPair]

  /// The runtime's own interface.
  ///
  /// - Parameters:
  ///   - element: what the pod's annotations want to have there.
  ///   - addressAnnotation: what of them is asked for by another annotation.
  init(
    _ call: PluginCall, network: NodeNetwork, _ element: NetworkSelectionElement? = nil, source: String = "",
    addressAnnotation: String? = nil
  ) throws(CNIError) {
    interface = call.interfaceName
    self.network = network
    self.source = source
    claim = element?.defaultRoute
    let runtime = try call.network.requestedAddresses(call.environment.arguments).map(\.address)
    let annotated = element?.ips.map(\.address) ?? []
    guard runtime.isEmpty || annotated.isEmpty || runtime == annotated else {
      throw CNIError(
        .invalidConfiguration, "\(source): ips: \(list(annotated)) is not what the runtime asks for",
        "expected \(list(runtime)), or no addresses in one of the two places")
    }
    addressField =
      runtime.isEmpty
      ? addressAnnotation.map { "annotation \($0)" } ?? (source.isEmpty ? "ips" : "\(source): ips")
      : "ips"
    addresses = try byFamily(runtime.isEmpty ? annotated : runtime, network, addressField)
    let mac = try call.network.requestedMAC(call.environment.arguments)
    guard mac == nil || element?.mac == nil || mac == element?.mac else {
      throw CNIError(
        .invalidConfiguration, "\(source): mac: \(element?.mac?.description ?? "") is not what the runtime asks for",
        "expected \(mac?.description ?? ""), or no MAC address in one of the two places")
    }
    self.mac = mac ?? element?.mac
    let passed = try call.network.allowedAddressPairs()
    let selected = element?.allowedAddressPairs ?? []
    guard passed.isEmpty || selected.isEmpty || passed == selected else {
      throw CNIError(
        .invalidConfiguration, "\(source): the allowed address pairs are not those of args.cni",
        "expected \(list(passed.map(\.summary))), or no pairs in one of the two places")
    }
    pairs = passed.isEmpty ? selected : passed
    try network.check(pairs, source: passed.isEmpty ? source : "args.cni")
  }

  /// An interface that the pod selects.
  init(
    _ interface: String, _ network: NodeNetwork, _ element: NetworkSelectionElement, source: String
  ) throws(CNIError) {
    self.interface = interface
    self.network = network
    self.source = source
    claim = element.defaultRoute
    addressField = "\(source): ips"
    addresses = try byFamily(element.ips.map(\.address), network, addressField)
    mac = element.mac
    pairs = element.allowedAddressPairs
    try network.check(pairs, source: source)
  }

  /// The routers of the default routes that it takes, by family.
  func claimedRoutes() throws(CNIError) -> [IPFamily: IPAddress] {
    var routes: [IPFamily: IPAddress] = [:]
    if claim != nil && network.instance.mode == .l2 {
      throw CNIError(
        .invalidConfiguration, "\(source): default-route: network \(network.name) has no gateway",
        "its forwarding mode is l2: let another network have the default route")
    }
    for router in claim ?? [] {
      guard let subnet = network.subnet(router.family), subnet.contains(router) else {
        throw CNIError(
          .invalidConfiguration, "\(source): default-route: \(router) is in no subnet of network \(network.name)",
          "expected an address of \(list(network.pools.map(\.subnets[0].prefix)))")
      }
      routes[router.family] = router
    }
    if routes.isEmpty && claim != nil {
      for pool in network.pools { routes[pool.family] = pool.subnets[0].gateway }
    }
    return routes
  }
}

private func byFamily(
  _ addresses: [IPAddress], _ network: NodeNetwork, _ field: String
) throws(CNIError) -> [IPFamily: IPAddress] {
  var found: [IPFamily: IPAddress] = [:]
  for address in addresses {
    guard network.subnet(address.family) != nil else {
      throw CNIError(
        .invalidConfiguration,
        "\(field): \(address) cannot be had: network \(network.name) has no \(address.family) subnet")
    }
    guard found.updateValue(address, forKey: address.family) == nil else {
      throw CNIError(
        .invalidConfiguration, "\(field): \(address) is a second \(address.family) address", "expected one")
    }
  }
  return found
}

private func list(_ items: [some CustomStringConvertible]) -> String {
  items.map(\.description).joined(separator: ", ")
}
