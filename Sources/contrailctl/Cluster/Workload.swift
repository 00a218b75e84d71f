internal import JSON
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

/// A pod that is attached to networks, by one call of ADD or, where a meta-plugin calls, by several.
struct Workload {
  let pod: PodAttachment
  let networkStatus: [NetworkStatus]
  /// Nanoseconds since 1970.
  let created: UInt64

  /// - Precondition: `attachments` has an element.
  init(_ attachments: [Attachment], clusterName: String) {
    let first = attachments[0]
    created = first.created
    pod = PodAttachment(
      clusterName: clusterName, podNamespace: first.pod.namespace, podName: first.pod.name, podUID: first.pod.uid,
      containerID: first.containerID, created: String(timestamp(first.created).prefix(19)) + "Z",
      isAttached: attachments.allSatisfy { $0.state == .attached },
      interfaces: attachments.flatMap(\.interfaces).map { interface in
        let network = networkName(interface.network)
        return PodInterface(
          uuid: interface.uuid, name: interface.name, networkNamespace: network.namespace, networkName: network.name,
          mac: interface.mac, addresses: interface.addresses.map(\.address))
      })
    networkStatus = attachments.flatMap { attachment in
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
    object.spec["nodeName"] = .string(node.name)
    let addresses = pod.interfaces.first?.addresses.map(\.address.description) ?? []
    object.status["hostIP"] = node.address.map { .string($0.description) }
    object.status["podIP"] = addresses.first.map { .string($0) }
    if !addresses.isEmpty { object.status["podIPs"] = .array(addresses.map { ["ip": .string($0)] }) }
    return object
  }
}

/// The parts of `namespace/name`.
private func networkName(_ path: String) -> NetworkName {
  let parts = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1).map { String(Substring($0)) }
  return NetworkName(namespace: parts.count == 2 ? parts[0] : "", name: parts.last ?? "")
}
