internal import NetworkAddresses
internal import NetworkAttachments
internal import PluginVerbs
internal import VirtualNetworks

/// What the definitions say about the networks of a trace.
struct TraceDefinitions: TraceChoice {
  private let connectivity: Connectivity
  private let withoutGateway: Set<NetworkName>
  /// The source that somebody asked about; `nil` for none.
  private let asked: TracePoint?

  init(_ connectivity: Connectivity, withoutGateway: Set<NetworkName> = [], source: TracePoint? = nil) {
    self.connectivity = connectivity
    self.withoutGateway = withoutGateway
    asked = source
  }

  /// - Parameters: `namespace/network`.
  func explanation(_ one: String, _ other: String) -> ConnectionExplanation {
    connectivity.explanation(networkName(one), networkName(other), withoutGateway: withoutGateway)
  }

  /// Why a pod with interfaces in all of these networks, of which `chosen` is taken, reaches another network or not.
  func explanation(_ networks: [String], chosen: String, _ other: String) -> ConnectionExplanation {
    let explanation = explanation(chosen, other)
    var all: [String] = []
    for network in networks where !all.contains(network) { all.append(network) }
    guard !explanation.isRelated, all.count > 1 else { return explanation }
    return connectivity.explanation(nothingConnects: all.map { networkName($0) }, networkName(other))
  }

  func isConnected(_ one: String, _ other: String) -> Bool { explanation(one, other).isConnected }

  /// The network of services that an address is in, and its pods in none.
  func serviceNetwork(of address: IPAddress) -> String? {
    let networks = connectivity.networks.filter { $0.prefixes.contains { $0.contains(address) } }
    guard !networks.contains(where: \.role.hasPods) else { return nil }
    return networks.first { [.clusterServices, .isolatedServices].contains($0.role) }?.name.description
  }

  func reaches(_ points: [TracePoint], _ target: TracePoint) -> Bool {
    points.contains { isConnected($0.network, target.network) }
  }

  /// By the interface that the pod's kernel takes, unless the definitions want another one or say something about it.
  func source(_ points: [TracePoint], to address: IPAddress, _ target: TracePoint?, _ kernels: String?) -> TracePoint? {
    if let asked { return asked.address.family == address.family ? asked : nil }
    let usable = points.filter { $0.address.family == address.family }
    let byKernel = usable.first { $0.interface == kernels }
    guard let target else { return byKernel ?? usable.first }
    let wanted = usable.filter { isConnected($0.network, target.network) }
    let related = usable.filter { explanation($0.network, target.network).isRelated }
    return wanted.first { $0.interface == kernels } ?? wanted.first { $0.network == target.network } ?? wanted.first
      ?? related.first { $0.interface == kernels } ?? related.first ?? byKernel ?? usable.first
  }
}
