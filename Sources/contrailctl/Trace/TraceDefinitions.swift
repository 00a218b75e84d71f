internal import NetworkAddresses
internal import NetworkAttachments
internal import PluginVerbs
internal import VirtualNetworks

/// What the definitions say about the networks of a trace.
struct TraceDefinitions {
  private let connectivity: Connectivity
  private let withoutGateway: Set<NetworkName>

  init(_ connectivity: Connectivity, withoutGateway: Set<NetworkName> = []) {
    self.connectivity = connectivity
    self.withoutGateway = withoutGateway
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
    return ConnectionExplanation(nothingConnects: all, other)
  }

  /// Whether packets of the network's pods pass the node's own namespace.
  func isOnNode(_ network: String) -> Bool {
    connectivity.position(networkName(network)).map { connectivity.networks[$0].role == .clusterPods } ?? false
  }

  func reaches(_ points: [TracePoint], _ target: TracePoint) -> Bool {
    points.contains { explanation($0.network, target.network).isConnected }
  }

  /// From which of a pod's addresses a target is reached: by the interface that the pod's kernel takes, unless the
  /// definitions want another one or say something about it. `nil` where the pod has no address of the family.
  func source(_ points: [TracePoint], _ target: TracePoint, _ kernels: String?) -> TracePoint? {
    let usable = points.filter { $0.address.family == target.address.family }
    let wanted = usable.filter { explanation($0.network, target.network).isConnected }
    let related = usable.filter { explanation($0.network, target.network).isRelated }
    return wanted.first { $0.interface == kernels } ?? wanted.first { $0.network == target.network } ?? wanted.first
      ?? related.first { $0.interface == kernels } ?? related.first ?? usable.first { $0.interface == kernels }
      ?? usable.first
  }
}
