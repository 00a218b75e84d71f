package import JSON

/// What a pod's namespace says about its networks.
package struct NamespaceFacts: Hashable, Sendable {
  package let name: String
  package let annotations: JSONObject
  package let labels: JSONObject

  /// A namespace that no object describes has neither annotations nor labels.
  package init(name: String, annotations: JSONObject = [:], labels: JSONObject = [:]) {
    self.name = name
    self.annotations = annotations
    self.labels = labels
  }

  /// Whether it has pod and service networks of its own.
  package var isIsolated: Bool {
    isTrue(annotations[AnnotationKey.isolation]) || isTrue(labels[AnnotationKey.isolatedNamespaceLabel])
  }
}

private func isTrue(_ value: JSONValue?) -> Bool { value?.string.flatMap(truthValue) ?? false }
