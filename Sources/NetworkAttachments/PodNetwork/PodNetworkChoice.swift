internal import CNI
package import JSON

/// Which network a pod's first interface is on, and what is asked for there.
package struct PodNetworkChoice: Hashable, Sendable {
  /// Who chose it.
  package enum Origin: Hashable, Sendable {
    /// The pod's annotation of this key.
    case pod(annotation: String)
    /// The namespace's annotation of this key.
    case namespace(annotation: String)
    /// Nobody; the namespace is isolated.
    case isolatedNamespace
    /// Nobody.
    case cluster
  }

  package let origin: Origin
  /// The networks that may be meant: the first that exists. There is no other to fall back on.
  package let candidates: [NetworkName]
  /// The network as it was written, and what the pod wants to have there.
  package internal(set) var element: NetworkSelectionElement
  /// The annotation that asks for addresses there, if it is one of its own.
  package internal(set) var addressAnnotation: String?
  /// Annotations that another one overrules.
  package internal(set) var warnings: [String] = []

  /// Chooses, the first that says something: the pod, its namespace, the namespace's isolation, the cluster.
  package init(
    podAnnotations: JSONObject, namespace: NamespaceFacts, clusterName: String
  ) throws(NetworkSelectionError) {
    var pod = try choices(in: podAnnotations)
    if let element = try multusDefaultNetwork(podAnnotations) {
      pod.append(Choice(key: AnnotationKey.defaultNetwork, element: element))
    }
    if let first = pod.first {
      origin = .pod(annotation: first.key)
      element = first.element
    } else if let first = try namespaceChoice(namespace) {
      origin = .namespace(annotation: first.key)
      element = first.element
    } else {
      origin = namespace.isIsolated ? .isolatedNamespace : .cluster
      let name: NetworkName =
        namespace.isIsolated ? .podNetwork(ofIsolated: namespace.name) : .defaultPodNetwork(clusterName: clusterName)
      element = NetworkSelectionElement(index: 0, network: .named(name.name, namespace: name.namespace))
    }
    candidates = element.network.candidates(from: namespace.name, clusterName: clusterName)
    for choice in pod.dropFirst() where choice.element != element {
      warnings.append("annotation \(choice.key) has no effect beside \(pod[0].key)")
    }
    try readAddresses(podAnnotations)
    try readArguments(podAnnotations)
    if case .namespace = origin { try readNamespace(namespace) }
  }

  /// The pod's addresses on the network, whoever chose it.
  private mutating func readAddresses(_ annotations: JSONObject) throws(NetworkSelectionError) {
    let isSelected = !element.ips.isEmpty
    defer { if !isSelected && !element.ips.isEmpty { addressAnnotation = AnnotationKey.podNetworkIP } }
    try reading(AnnotationKey.podNetworkIP) { (element: inout NetworkSelectionElement) throws(JSONFieldError) in
      let field = JSONField(annotations[AnnotationKey.podNetworkIP])
      guard let text = try field.string(), !trimmed(Array(text.utf8)[...]).isEmpty else { return }
      guard element.ips.isEmpty else { throw field.error(expected: "nothing, because the network's selection has ips") }
      let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      let addresses = parts.map { JSONValue.string(String(decoding: trimmed(Array($0)[...]), as: UTF8.self)) }
      element.ips = try JSONField(.array(addresses)).requestedIPs()
    }
  }

  private mutating func readArguments(_ annotations: JSONObject) throws(NetworkSelectionError) {
    try reading(AnnotationKey.podNetworkArguments) { (element: inout NetworkSelectionElement) throws(JSONFieldError) in
      let arguments = try JSONField(annotations[AnnotationKey.podNetworkArguments]).jsonObject()
      if arguments.isAbsent { return }
      guard element.arguments.isEmpty else {
        throw arguments.error(expected: "nothing, because the network's selection has cni-args")
      }
      try element.readArguments(arguments)
    }
  }

  /// A namespace that chose the network gives arguments to pods that have none. An address would be every pod's.
  private mutating func readNamespace(_ namespace: NamespaceFacts) throws(NetworkSelectionError) {
    if namespace.annotations[AnnotationKey.podNetworkIP] != nil {
      warnings.append("annotation \(AnnotationKey.podNetworkIP) has no effect on the namespace \(namespace.name)")
    }
    guard element.arguments.isEmpty else { return }
    do {
      try readArguments(namespace.annotations)
    } catch {
      throw error.ofNamespace(namespace)
    }
  }

  private mutating func reading(
    _ key: String, _ body: (inout NetworkSelectionElement) throws(JSONFieldError) -> Void
  ) throws(NetworkSelectionError) {
    do {
      try body(&element)
    } catch {
      throw NetworkSelectionError(key, nil, error)
    }
  }
}

extension NetworkSelectionError {
  fileprivate func ofNamespace(_ namespace: NamespaceFacts) -> Self {
    var error = self
    error.namespace = namespace.name
    return error
  }
}

private struct Choice {
  let key: String
  let element: NetworkSelectionElement
}

/// The annotations that name the network of the first interface, the strongest first.
private func choices(in annotations: JSONObject) throws(NetworkSelectionError) -> [Choice] {
  var choices: [Choice] = []
  func add(_ key: String, _ network: NetworkReference?) {
    if let network { choices.append(Choice(key: key, element: NetworkSelectionElement(index: 0, network: network))) }
  }
  let key = AnnotationKey.podNetwork
  do {
    let value = JSONField(annotations[key]?.string.map { .string(text(trimmed(Array($0.utf8)[...]))) })
    let network = try value.optionalText(expected: networkReferenceRule) { NetworkReference($0) }
    add(key, network)
  } catch {
    throw NetworkSelectionError(key, nil, error)
  }
  do {
    add(AnnotationKey.tungstenNetwork, try JSONField(annotations[AnnotationKey.tungstenNetwork]).tungstenNetwork())
  } catch {
    throw NetworkSelectionError(AnnotationKey.tungstenNetwork, nil, error)
  }
  return choices
}

private func namespaceChoice(_ namespace: NamespaceFacts) throws(NetworkSelectionError) -> Choice? {
  do {
    return try choices(in: namespace.annotations).first
  } catch {
    throw error.ofNamespace(namespace)
  }
}

/// `v1.multus-cni.io/default-network`: a selection of one element, in either form.
private func multusDefaultNetwork(_ annotations: JSONObject) throws(NetworkSelectionError) -> NetworkSelectionElement? {
  let key = AnnotationKey.defaultNetwork
  guard let text = annotations[key]?.string else { return nil }
  let elements = try NetworkSelection(parsing: text, annotation: key).elements
  guard elements.count <= 1 else {
    throw NetworkSelectionError(key, elements[1].label, value: .string(text), expected: "one network only")
  }
  if let element = elements.first, let interface = element.interface {
    throw NetworkSelectionError(
      key, element.label, key: "interface", value: .string(interface),
      expected: "no interface: the runtime names that of the default network")
  }
  return elements.first
}

private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
