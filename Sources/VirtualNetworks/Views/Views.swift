internal import JSON
package import NetworkAddresses

/// The pod as a workload.
package func virtualMachine(of pod: PodAttachment) -> APIObject {
  let name = pod.virtualMachineName
  return APIObject(
    .virtualMachine,
    ObjectMetadata(name: name, uid: pod.virtualMachineUID, creationTimestamp: pod.created),
    spec: [
      "fqName": fqName(name), "serverName": .string(pod.workloadName),
      "serverNamespace": .string(pod.podNamespace), "serverType": "container",
    ],
    status: pod.status)
}

/// The pod's interfaces, in their order.
package func virtualMachineInterfaces(of pod: PodAttachment) -> [APIObject] {
  pod.interfaces.indices.map { virtualMachineInterface(at: $0, of: pod) }
}

private func virtualMachineInterface(at position: Int, of pod: PodAttachment) -> APIObject {
  let interface = pod.interfaces[position]
  let machine = virtualMachine(of: pod)
  let key = interfaceKey(interface, of: pod)
  let network = networkReference(interface)
  let metadata = ObjectMetadata(
    name: key.name, namespace: key.namespace, uid: interface.uid, creationTimestamp: pod.created,
    labels: backReferences(to: [machine.key, networkKey(interface)]),
    annotations: [
      ViewAnnotation.cluster: pod.clusterName, ViewAnnotation.podName: pod.workloadName,
      ViewAnnotation.podNamespace: pod.podNamespace, ViewAnnotation.network: interface.networkName,
      ViewAnnotation.interface: interface.name, ViewAnnotation.index: "\(position)/\(pod.interfaces.count)",
    ])
  return APIObject(
    .virtualMachineInterface, metadata,
    spec: [
      "fqName": fqName("default-domain", key.namespace, key.name),
      "virtualMachineInterfaceMacAddresses": ["macAddress": [.string(interface.mac.description)]],
      "virtualMachineReferences": [.object(machine.reference)], "virtualNetworkReference": .object(network),
    ],
    status: pod.status)
}

/// The addresses of the pod's interfaces, in their order.
package func instanceIPs(of pod: PodAttachment) -> [APIObject] {
  pod.interfaces.flatMap { interface in
    interface.addresses.map { instanceIP($0, on: interface, of: pod) }
  }
}

private func instanceIP(
  _ address: InterfaceAddress, on interface: PodInterface, of pod: PodAttachment
) -> APIObject {
  let identity = "InstanceIP \(interface.uid) \(address.address)"
  let name = "\(pod.clusterName)-\(pod.workloadName)-\(shortDigest(identity))"
  let owner = interfaceKey(interface, of: pod)
  var reference = referenceTo(owner)
  reference["uid"] = .string(interface.uid)
  return APIObject(
    .instanceIP,
    ObjectMetadata(
      name: name, uid: uuidText(sha3(identity)), creationTimestamp: pod.created,
      labels: backReferences(to: [owner, networkKey(interface)])),
    spec: [
      "family": .string("v\(address.address.family.rawValue)"), "fqName": fqName(name),
      "instanceIPAddress": .string(address.address.description),
      "virtualMachineInterfaceReferences": [.object(reference)],
      "virtualNetworkReference": .object(networkReference(interface)),
    ],
    status: pod.status)
}

/// The node, with the workloads on it.
///
/// - Parameters:
///   - address: of the interface that the default route leaves by; `nil` where there is none.
///   - globalConfig: the stored GlobalSystemConfig, which nodes belong to.
package func virtualRouter(
  node: String, address: IPAddress?, globalConfig: APIObject, running pods: [PodAttachment]
) -> APIObject {
  let machines = pods.map { virtualMachine(of: $0) }.sorted { $0.key < $1.key }
  var spec: JSONObject = [
    "fqName": fqName(globalConfig.metadata.name, node), "parent": .object(globalConfig.parentReference),
  ]
  if !machines.isEmpty { spec["virtualMachineReferences"] = .array(machines.map { .object($0.reference) }) }
  if let address { spec["virtualRouterIPAddress"] = .string(address.description) }
  return APIObject(
    .virtualRouter,
    ObjectMetadata(
      name: node, uid: uuidText(sha3("VirtualRouter \(globalConfig.metadata.uid) \(node)")),
      creationTimestamp: globalConfig.metadata.creationTimestamp,
      labels: backReferences(to: machines.map(\.key)) + parentLabel(globalConfig.key)
        + [SystemKey.clusterName: "", SystemKey.virtualRouter: "deployer-generated"]),
    spec: spec, status: successStatus)
}

private func interfaceKey(_ interface: PodInterface, of pod: PodAttachment) -> ObjectKey {
  ObjectKey(
    .virtualMachineInterface, namespace: pod.podNamespace, "\(pod.workloadName)-\(interface.shortID)")
}

private func networkKey(_ interface: PodInterface) -> ObjectKey {
  ObjectKey(.virtualNetwork, namespace: interface.networkNamespace, interface.networkName)
}

private func networkReference(_ interface: PodInterface) -> JSONObject { referenceTo(networkKey(interface)) }

private func referenceTo(_ key: ObjectKey) -> JSONObject {
  APIObject(
    key.kind, ObjectMetadata(name: key.name, namespace: key.namespace),
    spec: ["fqName": fqName("default-domain", key.namespace, key.name)]
  ).reference
}
