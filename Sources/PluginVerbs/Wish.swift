internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import JSON
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

/// What an ADD is asked for, resolved and checked before anything is changed.
struct Wish {
  /// The runtime's own interface first.
  let interfaces: [InterfacePlan]
  let dns: DNS
  let previous: CNIResult?

  init(_ call: PluginCall, kernel: NodeKernel) throws {
    if let network = call.contrail.network {
      throw CNIError(
        .invalidConfiguration, "contrail.network: \(network) cannot be served",
        "this version attaches a pod to the default network only: remove the key")
    }
    let runtime = try call.network.runtimeConfig()
    try refuseNetworkSelection(in: runtime.podAnnotations() ?? [:])
    let network = try NodeNetwork(default: call.contrail, mtu: try Self.mtu(call.contrail, kernel))
    interfaces = [
      InterfacePlan(
        name: call.interfaceName, network: network, addresses: try Self.requested(call, network),
        mac: try call.network.requestedMAC(call.environment.arguments),
        defaultRoutes: Set(network.pools.map(\.family)))
    ]
    dns = try runtime.dns() ?? call.network.dns()
    previous = try call.network.previousResult()
  }

  /// The routing instances, each once.
  var instances: [RoutingInstance] {
    var found: [RoutingInstance] = []
    for interface in interfaces where !found.contains(where: { $0.name == interface.network.instance.name }) {
      found.append(interface.network.instance)
    }
    return found
  }

  private static func mtu(_ configuration: ContrailConfiguration, _ kernel: NodeKernel) throws -> UInt32 {
    if configuration.mtu != 0 { return UInt32(configuration.mtu) }
    guard let mtu = try kernel.node.defaultRouteMTU() else {
      throw CNIError(
        .invalidConfiguration, "contrail.mtu: 0 asks for the MTU of the default-route interface, and there is none",
        "expected a number of bytes, or a default route on the node")
    }
    guard mtu >= 1280 || configuration.podNetwork.ipv6Subnet == nil else {
      throw CNIError(
        .invalidConfiguration, "contrail.mtu: 0 means \(mtu), that of the default-route interface",
        "expected at least 1280, because the pod network has an IPv6 subnet")
    }
    return mtu
  }

  private static func requested(_ call: PluginCall, _ network: NodeNetwork) throws -> [IPFamily: IPAddress] {
    var found: [IPFamily: IPAddress] = [:]
    for request in try call.network.requestedAddresses(call.environment.arguments) {
      let address = request.address
      guard network.pools.contains(where: { $0.family == address.family }) else {
        throw CNIError(
          .invalidConfiguration,
          "ips: \(address) cannot be had: network \(network.name) has no \(address.family) subnet")
      }
      guard found.updateValue(address, forKey: address.family) == nil else {
        throw CNIError(.invalidConfiguration, "ips: \(address) is a second \(address.family) address", "expected one")
      }
    }
    return found
  }
}

extension Node {
  /// Treats a namespace that no object describes as the configuration says.
  func checkNamespace(of call: PluginCall) throws {
    guard let name = call.identity.namespace else { return }
    if try DefinitionStore(stateDirectory: call.contrail.stateDirectory).hasNamespace(name) { return }
    guard call.contrail.unknownNamespace == .shared else {
      throw CNIError(
        .tryAgainLater, "K8S_POD_NAMESPACE: no Namespace object describes \(name)",
        "contrail.unknown-namespace is refuse: apply the Namespace, or set it to shared")
    }
    log.write(.info, "no Namespace object describes the namespace: treated as not isolated", ["namespace": name])
  }
}
