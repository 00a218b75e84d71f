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
    let mtu = try node.podMTU()
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
  var instances: [WantedInstance] {
    var found: [WantedInstance] = []
    for interface in interfaces where !found.contains(where: { $0.name == interface.network.name }) {
      found.append(WantedInstance(interface.network))
    }
    return found
  }
}
