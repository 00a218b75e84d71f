internal import JSON
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore
internal import PluginVerbs
internal import VirtualNetworks

/// A pod that is attached to networks, by one call of ADD or, where a meta-plugin calls, by several.
struct Workload {
  let pod: PodAttachment
  let attachments: [Attachment]
  /// Nanoseconds since 1970.
  let created: UInt64

  /// - Precondition: `attachments` has an element.
  init(_ attachments: [Attachment], clusterName: String) {
    self.attachments = attachments
    let first = attachments[0]
    created = first.created
    pod = PodAttachment(
      clusterName: clusterName, podNamespace: listedNamespace(first.pod.namespace), podName: first.pod.name,
      podUID: first.pod.uid,
      containerID: first.containerID, created: wholeSeconds(first.created),
      isAttached: attachments.allSatisfy { $0.state == .attached },
      interfaces: attachments.flatMap(\.interfaces).map { interface in
        let network = networkName(interface.network)
        return PodInterface(
          uuid: interface.uuid, name: interface.name, networkNamespace: network.namespace, networkName: network.name,
          mac: interface.mac, addresses: interface.addresses.map(\.address), pairs: interface.pairs)
      })
  }

  /// The interface whose view has that name, and how the records name it.
  func interface(named name: String) -> InterfaceReference? {
    guard let interface = pod.interfaces.first(where: { interfaceName(of: $0, in: pod) == name }) else { return nil }
    for attachment in attachments {
      if let found = attachment.interfaces.first(where: { $0.uuid == interface.uuid }) {
        return InterfaceReference(
          containerID: attachment.containerID, attachment: attachment.interfaceName, name: found.name)
      }
    }
    return nil
  }

  /// What each interface is, in the pod's order.
  var networkStatus: [NetworkStatus] {
    attachments.flatMap { attachment in
      attachment.interfaces.enumerated().map { position, interface in
        // The runtime itself asks for eth0, a meta-plugin for the others.
        NetworkStatus(
          name: networkName(interface.network), interface: interface.name,
          ips: interface.addresses.map(\.address.address), mac: interface.mac,
          isDefault: position == 0 && attachment.interfaceName == "eth0")
      }
    }
  }

  /// The pod as an object: what was applied, if anything, with what runs.
  func object(_ stored: APIObject?, on node: NodeIdentity) -> APIObject {
    var object =
      stored
      ?? APIObject(
        .pod,
        ObjectMetadata(
          name: pod.podName, namespace: pod.podNamespace, uid: pod.podUID, creationTimestamp: pod.created))
    object.metadata.annotations[NetworkStatus.annotationKey] = NetworkStatus.annotation(networkStatus)
    object.metadata.annotations[ViewAnnotation.machine] = pod.virtualMachineUID
    object.spec["nodeName"] = .string(node.name)
    let addresses = pod.interfaces.first?.addresses.map(\.address.description) ?? []
    object.status["hostIP"] = node.address.map { .string($0.description) }
    object.status["podIP"] = addresses.first.map { .string($0) }
    if !addresses.isEmpty { object.status["podIPs"] = .array(addresses.map { ["ip": .string($0)] }) }
    return object
  }
}

/// RFC 3339 in UTC, whole seconds.
private func wholeSeconds(_ nanoseconds: UInt64) -> String {
  String(decoding: timestamp(nanoseconds).utf8.prefix(19), as: UTF8.self) + "Z"
}

/// The parts of `namespace/name`.
func networkName(_ path: String) -> NetworkName {
  let bytes = path.utf8
  guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else { return NetworkName(namespace: "", name: path) }
  return NetworkName(namespace: String(path[..<slash]), name: String(path[bytes.index(after: slash)...]))
}
