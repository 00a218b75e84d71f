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
    try checkSpelling(of: podAnnotations)
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
    first.element.unsupported.map { (first.annotation, first.element, $0) }
      + others.elements.flatMap { element in element.unsupported.map { (others.annotation, element, $0) } }
  }

  /// What is odd without being wrong.
  package var warnings: [String] {
    var warnings = first.warnings
    func add(_ element: NetworkSelectionElement, _ annotation: String) {
      for key in element.unhandledArguments {
        warnings.append("\(element.source(in: annotation)): cni-args.\(key) has no effect")
      }
    }
    add(first.element, first.annotation)
    for element in others.elements { add(element, others.annotation) }
    return warnings
  }
}

extension PodNetworkChoice {
  /// The annotation that chose the network, or that would have had arguments for it.
  fileprivate var annotation: String {
    switch origin {
    case .pod(let annotation), .namespace(let annotation): annotation
    case .isolatedNamespace, .cluster: AnnotationKey.podNetworkArguments
    }
  }

  /// How messages call who chose the network; empty where nobody did.
  package var source: String {
    switch origin {
    case .pod(let annotation): "annotation \(annotation): \(element.network)"
    case .namespace(let annotation): "annotation \(annotation) of the namespace: \(element.network)"
    case .isolatedNamespace: "the pod network of an isolated namespace"
    case .cluster: ""
    }
  }

  /// Whether the network's definition has to offer it as a pod's default network: CN2's annotation wants that.
  package var mustBePodNetwork: Bool {
    switch origin {
    case .pod(AnnotationKey.podNetwork), .namespace(AnnotationKey.podNetwork): true
    default: false
    }
  }
}
