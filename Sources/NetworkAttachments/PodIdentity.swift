package import CNI

/// Which pod a call is about, as far as the runtime says: from `CNI_ARGS`.
package struct PodIdentity: Hashable, Sendable {
  /// `K8S_POD_NAMESPACE`.
  package let namespace: String?
  /// `K8S_POD_NAME`.
  package let name: String?
  /// `K8S_POD_UID`: the same for every attempt to start the pod.
  package let uid: String?
  /// `K8S_POD_INFRA_CONTAINER_ID`: another for every attempt.
  package let infraContainerID: String?

  package init(
    namespace: String? = nil, name: String? = nil, uid: String? = nil, infraContainerID: String? = nil
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.infraContainerID = infraContainerID
  }

  package init(_ arguments: CNIArguments) {
    namespace = arguments["K8S_POD_NAMESPACE"]
    name = arguments["K8S_POD_NAME"]
    uid = arguments["K8S_POD_UID"]
    infraContainerID = arguments["K8S_POD_INFRA_CONTAINER_ID"]
  }
}

extension PodIdentity: CustomStringConvertible {
  /// `namespace/name`, or what there is of it.
  package var description: String {
    switch (namespace, name) {
    case (let namespace?, let name?): "\(namespace)/\(name)"
    case (nil, let name?): name
    default: "unnamed pod"
    }
  }
}
