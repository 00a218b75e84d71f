internal import CNI
internal import Dataplane
internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

/// What an ADD is asked for, resolved and checked before anything is changed.
struct Wish {
  /// The runtime's own interface first.
  private(set) var interfaces: [InterfacePlan]
  /// Whether the configuration names no network, so that the pod gets its own choice or the default one.
  let isPodsChoice: Bool
  let dns: DNS
  let previous: CNIResult?
  /// What is odd without being wrong, for the log.
  let warnings: [String]
  /// Whether the pod's namespace is one that no object describes.
  let hasUnknownNamespace: Bool
  /// The routing instances, each once.
  private(set) var instances: [WantedInstance]

  init(_ call: PluginCall, on node: Node) throws {
    let runtime = try call.network.runtimeConfig()
    let annotations = try runtime.podAnnotations()
    let mtu = try node.podMTU()
    let requests = try node.definitions.read { definitions in
      try Requests(call, annotations, NetworkDirectory(call.contrail, definitions, mtu: mtu))
    }
    interfaces = try requests.plans()
    instances = Self.instances(of: interfaces, [])
    isPodsChoice = requests.isPodsChoice
    warnings = requests.warnings
    hasUnknownNamespace = requests.hasUnknownNamespace
    dns = try runtime.dns() ?? call.network.dns()
    previous = try call.network.previousResult()
  }

  private static func instances(of interfaces: [InterfacePlan], _ outside: [OutsidePair]) -> [WantedInstance] {
    var found: [WantedInstance] = []
    for interface in interfaces where !found.contains(where: { $0.name == interface.network.name }) {
      found.append(WantedInstance(interface.network, outside))
    }
    return found
  }

  /// Takes into account what pods have outside of the subnets of these networks and of those that they import.
  mutating func reachOutside(_ transaction: AttachmentTransaction) throws {
    let numbers = instances.flatMap { $0.connection?.imports ?? [] }.map(\.exporter)
    let outside = try transaction.outsidePairs(of: (instances.map(\.name), numbers))
    if !outside.isEmpty { instances = Self.instances(of: interfaces, outside) }
  }

  /// Takes other attachments of the same container into account: a pod has one default route a family, and a further
  /// interface is of a network that is known. Without a network of its name, a configuration of another name is not one of
  /// the default network: it was meant for something that is not defined yet.
  mutating func respect(_ others: [Attachment], _ call: PluginCall) throws(CNIError) {
    if others.isEmpty { return }
    if isPodsChoice, call.interfaceName != "eth0",
      let other = others.first(where: { $0.networkName != call.network.name })
    {
      throw CNIError(
        .tryAgainLater, "name: there is no network \(call.network.name) for \(call.interfaceName)",
        "container \(call.containerID) has \(other.interfaceName) of \(other.networkName) already, and gets the default "
          + "network once: apply the network's definition, or say contrail.network: NAMESPACE/NAME")
    }
    let routed = Set(others.flatMap(\.interfaces).flatMap(\.addresses).compactMap(\.defaultRouter?.family))
    for index in interfaces.indices {
      interfaces[index].defaultRoutes = interfaces[index].defaultRoutes.filter { !routed.contains($0.key) }
    }
  }

  /// A failure that is about one interface names who asks for that one.
  func naming(_ error: any Error) -> any Error {
    let interface: String
    switch error {
    case DataplaneError.interfaceExists(let name): interface = name
    case DataplaneError.bridgeFull(let name, _, _): interface = name
    default: return error
    }
    guard let plan = interfaces.first(where: { $0.name == interface }), !plan.source.isEmpty else { return error }
    let converted = CNIError(converting: error)
    return CNIError(
      converted.code, "\(plan.source): interface \(interface) in network \(plan.network.name): \(converted.message)",
      converted.details)
  }
}
