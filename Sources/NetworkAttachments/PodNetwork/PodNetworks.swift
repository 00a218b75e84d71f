package import JSON
internal import NetworkAddresses

/// All networks of a pod: that of its first interface, and those that it selects.
package struct PodNetworks: Hashable, Sendable {
  package let first: PodNetworkChoice
  package let others: NetworkSelection
  /// The names of the others' interfaces, in their order.
  package let interfaceNames: [String]

  /// Reads the annotations of a pod and its namespace.
  ///
  /// - Parameter interface: the name that the runtime gives the first interface.
  package init(
    podAnnotations: JSONObject, namespace: NamespaceFacts, clusterName: String, interface: String = "eth0"
  ) throws(NetworkSelectionError) {
    first = try PodNetworkChoice(podAnnotations: podAnnotations, namespace: namespace, clusterName: clusterName)
    others = try NetworkSelection(parsing: podAnnotations[AnnotationKey.networks]?.string ?? "")
    interfaceNames = try others.assignInterfaceNames(default: interface)
    guard first.element.defaultRoute != nil, let second = others.elements.first(where: { $0.defaultRoute != nil })
    else {
      return
    }
    throw NetworkSelectionError(
      others.annotation, second.label, key: "default-route",
      value: .array((second.defaultRoute ?? []).map { .string($0.description) }),
      expected: "no second claim: annotation \(AnnotationKey.defaultNetwork) takes the default route")
  }

  /// What cannot be honoured, with the element that asks for it.
  package var unsupported: [(annotation: String, element: NetworkSelectionElement, request: UnsupportedRequest)] {
    let firstKey: String =
      switch first.origin {
      case .pod(let annotation), .namespace(let annotation): annotation
      case .isolatedNamespace, .cluster: AnnotationKey.podNetworkArguments
      }
    return first.element.unsupported.map { (firstKey, first.element, $0) }
      + others.elements.flatMap { element in element.unsupported.map { (others.annotation, element, $0) } }
  }
}
