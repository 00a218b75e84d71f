package import NetworkAddresses

/// A routing instance that the kernel holds: the namespace it is in, and its bridge.
package final class PlacedInstance {
  package let name: String
  package let kernel: KernelNamespace
  /// The bridge's interface index in that namespace.
  package let bridge: UInt32
  let delivery: Delivery
  /// Whether pods send from their own addresses only.
  let checksSources: Bool
  /// Whether its bridge is a gateway.
  package let isRouter: Bool
  /// The bridge's addresses, which every attachment sees to.
  let gateways: [InterfaceAddress]
  /// How the node reaches its pods; `nil` where it does not, or needs no help.
  package var nodeUplink: NodeUplink?

  package init(
    name: String, kernel: KernelNamespace, bridge: UInt32, delivery: Delivery, checksSources: Bool = true,
    isRouter: Bool = true, gateways: [InterfaceAddress] = []
  ) {
    self.name = name
    self.kernel = kernel
    self.bridge = bridge
    self.delivery = delivery
    self.checksSources = checksSources
    self.isRouter = isRouter
    self.gateways = gateways
  }
}

/// How frames for more than one station come to an instance's ports.
package enum Delivery: Int64, Sendable {
  /// Not at all: the bridge is told who is where, and requests for an address are steered to who has it.
  case told = 0
  /// Broadcast and multicast reach every port: pods of the network share a segment.
  case flooded = 1
  /// Not at all, and no frame from one pod to another either: the gateway routes between them.
  case routed = 2

  /// That of an instance: the node's own is as it is in every mode.
  package init(_ placement: RoutingInstance.Placement, _ mode: RoutingInstance.ForwardingMode) {
    self = placement != .node && mode == .l3 ? .routed : placement.delivery
  }
}

/// A port and the instance that its host end belongs to.
package struct PlacedPort {
  package let port: Port
  package let instance: PlacedInstance

  package init(_ port: Port, in instance: PlacedInstance) {
    self.port = port
    self.instance = instance
  }
}
