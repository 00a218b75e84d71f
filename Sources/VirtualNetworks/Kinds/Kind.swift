/// The kinds of objects, by the names that manifests use.
package enum Kind: String, Hashable, Sendable, CaseIterable {
  case namespace = "Namespace"
  case pod = "Pod"
  case networkAttachmentDefinition = "NetworkAttachmentDefinition"
  case globalSystemConfig = "GlobalSystemConfig"
  case virtualNetwork = "VirtualNetwork"
  case subnet = "Subnet"
  case routingInstance = "RoutingInstance"
  case routeTarget = "RouteTarget"
  case virtualNetworkRouter = "VirtualNetworkRouter"
  case virtualRouter = "VirtualRouter"
  case virtualMachine = "VirtualMachine"
  case virtualMachineInterface = "VirtualMachineInterface"
  case instanceIP = "InstanceIP"
}

/// Which object: kind, namespace and name.
package struct ObjectKey: Hashable, Sendable {
  package var kind: Kind
  /// Empty for a kind without namespaces.
  package var namespace: String
  package var name: String

  package init(_ kind: Kind, namespace: String = "", _ name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }
}

extension ObjectKey: CustomStringConvertible {
  /// `Subnet default/vn1-v4`, `RouteTarget target-23-4561`.
  package var description: String { "\(kind.rawValue) \(path)" }

  /// `default/vn1`, or the name alone.
  package var path: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

extension ObjectKey: Comparable {
  package static func < (left: Self, right: Self) -> Bool {
    (left.kind.rawValue, left.namespace, left.name) < (right.kind.rawValue, right.namespace, right.name)
  }
}
