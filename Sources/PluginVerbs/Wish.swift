internal import CNI
internal import Dataplane
internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

/// What an ADD is asked for, resolved and checked before anything is changed.
struct Wish {
  /// The runtime's own interface first.
  let interfaces: [InterfacePlan]
  let dns: DNS
  let previous: CNIResult?
  /// What is odd without being wrong, for the log.
  let warnings: [String]
  /// Whether the pod's namespace is one that no object describes.
  let hasUnknownNamespace: Bool

  init(_ call: PluginCall, on node: Node) throws {
    let runtime = try call.network.runtimeConfig()
    let annotations = try runtime.podAnnotations()
    let mtu = try Self.mtu(call.contrail, node.kernel)
    let requests = try node.definitions.read { definitions in
      try Requests(call, annotations, NetworkDirectory(call.contrail, definitions, mtu: mtu))
    }
    interfaces = try requests.plans()
    warnings = requests.warnings
    hasUnknownNamespace = requests.hasUnknownNamespace
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
}
