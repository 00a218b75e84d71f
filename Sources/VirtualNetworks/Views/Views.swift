internal import JSON
package import NetworkAddresses
internal import NetworkAttachments

/// How much of a view is made.
package enum ViewDetail: Hashable, Sendable {
  /// Name, namespace and what the columns of the kind show. Digests take most of the time that a view takes, and a table
  /// needs few of them.
  case columns
  case everything
}

/// The pod as a workload.
package func virtualMachine(of pod: PodAttachment, _ detail: ViewDetail = .everything) -> APIObject {
  let name = pod.virtualMachineName
  var spec: JSONObject = [
    "serverName": .string(pod.workloadName), "serverNamespace": .string(pod.podNamespace), "serverType": "container",
  ]
  var metadata = ObjectMetadata(name: name, creationTimestamp: pod.created)
  if detail == .everything {
    metadata.uid = pod.virtualMachineUID
    spec["fqName"] = fqName(name)
  }
  return APIObject(.virtualMachine, metadata, spec: spec, status: pod.status)
}

/// The name of the interface's view.
package func interfaceName(of interface: PodInterface, in pod: PodAttachment) -> String {
  interfaceKey(interface, of: pod).name
}

/// The pod's interfaces, in their order.
package func virtualMachineInterfaces(of pod: PodAttachment, _ detail: ViewDetail = .everything) -> [APIObject] {
  let machine = detail == .everything ? virtualMachine(of: pod) : nil
  return pod.interfaces.indices.map { virtualMachineInterface(at: $0, of: pod, machine) }
}

/// - Parameter machine: `nil` where only the columns are asked for.
private func virtualMachineInterface(at position: Int, of pod: PodAttachment, _ machine: APIObject?) -> APIObject {
  let interface = pod.interfaces[position]
  let key = interfaceKey(interface, of: pod)
  var object = APIObject(
    .virtualMachineInterface,
    ObjectMetadata(
      name: key.name, namespace: key.namespace, creationTimestamp: pod.created,
      annotations: [
        ViewAnnotation.cluster: pod.clusterName, ViewAnnotation.podName: pod.workloadName,
        ViewAnnotation.network: interface.networkName, ViewAnnotation.interface: interface.name,
      ]),
    spec: interface.pairsSpec, status: pod.status)
  guard let machine else { return object }
  object.metadata.uid = interface.uid
  object.metadata.labels = backReferences(to: [machine.key, networkKey(interface)])
  object.metadata.annotations[ViewAnnotation.podNamespace] = pod.podNamespace
  object.metadata.annotations[ViewAnnotation.index] = "\(position)/\(pod.interfaces.count)"
  object.spec = [
    "fqName": fqName("default-domain", key.namespace, key.name),
    "virtualMachineInterfaceMacAddresses": ["macAddress": [.string(interface.mac.description)]],
    "virtualMachineReferences": [.object(machine.reference)],
    "virtualNetworkReference": .object(referenceTo(networkKey(interface))),
  ]
  if let pairs = interface.pairsSpec["allowedAddressPairs"] {
    object.spec["allowedAddressPairs"] = pairs
    object.spec = object.spec.sorted
  }
  return object
}

extension PodInterface {
  /// The pairs as a manifest has them; empty without any.
  fileprivate var pairsSpec: JSONObject {
    if pairs.isEmpty { return [:] }
    let list = pairs.map { pair -> JSONValue in
      var entry: JSONObject = [
        "addressMode": .string(pair.mode.rawValue),
        "ip": [
          "ipPrefix": .string(pair.prefix.address.description), "ipPrefixLen": .integer(Int64(pair.prefix.length)),
        ],
      ]
      if let mac = pair.mac { entry["mac"] = .string(mac.description) }
      return .object(entry)
    }
    return ["allowedAddressPairs": ["allowedAddressPair": .array(list)]]
  }
}

extension APIObject {
  /// The allowed address pairs of an interface's view: `172.16.10.100, 10.9.0.0/24 active-active`; empty without any.
  package var allowedAddressPairs: String {
    ((try? AllowedAddressPair.pairs(inInterface: spec)) ?? []).map(\.summary).joined(separator: ", ")
  }
}

/// The addresses of the pod's interfaces, in their order.
package func instanceIPs(of pod: PodAttachment, _ detail: ViewDetail = .everything) -> [APIObject] {
  pod.interfaces.flatMap { interface in
    interface.addresses.map { instanceIP($0, on: interface, of: pod, detail) }
  }
}

private func instanceIP(
  _ address: InterfaceAddress, on interface: PodInterface, of pod: PodAttachment, _ detail: ViewDetail
) -> APIObject {
  let text = address.address.description
  let digest = sha3("InstanceIP \(interface.uid) \(text)")
  let name = "\(pod.clusterName)-\(pod.workloadName)-\(hexadecimal(digest.prefix(4)))"
  let network = networkKey(interface)
  var object = APIObject(
    .instanceIP, ObjectMetadata(name: name, creationTimestamp: pod.created),
    spec: [
      "instanceIPAddress": .string(text),
      "virtualNetworkReference": ["name": .string(network.name), "namespace": .string(network.namespace)],
    ],
    status: pod.status)
  guard detail == .everything else { return object }
  let owner = interfaceKey(interface, of: pod)
  object.metadata.uid = uuidText(digest)
  object.metadata.labels = backReferences(to: [owner, network])
  object.spec["family"] = .string("v\(address.address.family.rawValue)")
  object.spec["fqName"] = fqName(name)
  var reference = referenceTo(owner)
  reference["uid"] = .string(interface.uid)
  object.spec["virtualMachineInterfaceReferences"] = [.object(reference)]
  object.spec["virtualNetworkReference"] = .object(referenceTo(network))
  return object
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

private func referenceTo(_ key: ObjectKey) -> JSONObject {
  APIObject(
    key.kind, ObjectMetadata(name: key.name, namespace: key.namespace),
    spec: ["fqName": fqName("default-domain", key.namespace, key.name)]
  ).reference
}
