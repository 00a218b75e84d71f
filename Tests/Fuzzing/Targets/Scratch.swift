import ContrailIPAM
import Glibc
import LinuxSystem
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import SQLite
import VirtualNetworks
import YAML

/// Stores in memory, and what they hold before they are damaged.
enum Scratch {
  /// Emptied when the process ends.
  static let directory: String = {
    var template = Array("/dev/shm/contrail-fuzzing-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { fatalError("cannot make \(template)") }
    let path = String(cString: made)
    for name in ["run", "run/locks", "state", "manifests"] { mkdir("\(path)/\(name)", 0o700) }
    atexit { Scratch.clean() }
    return path
  }()

  static let definitions = ObjectDatabase(stateDirectory: directory + "/manifests", note: "")

  static var runDirectory: String { directory + "/run" }
  static var stateDirectory: String { directory + "/state" }

  static func clean() {
    for name in ["run", "state", "manifests"] {
      for file in ["attachments.db", "objects.db"] {
        for ending in ["", "-journal"] { unlink("\(directory)/\(name)/\(file)\(ending)") }
      }
      unlink("\(directory)/\(name)/objects.lock")
    }
    unlink("\(directory)/run/locks/store")
    for name in ["run/locks", "run", "state", "manifests", ""] { rmdir("\(directory)/\(name)") }
  }

  /// Nanoseconds. Nobody else has the locks, but a child that another test starts has every file of this process until it
  /// executes.
  static let patience: UInt64 = 20_000_000_000

  static let epoch = try! Epoch.current(namespace: NamespaceIdentity(inode: 11, cookie: 101))

  static func attachments() -> AttachmentStore {
    AttachmentStore(
      runDirectory: runDirectory, note: "", lockTimeout: Scratch.patience, epoch: epoch, namespaceExists: { _ in false }
    )
  }

  static var objects: ObjectDatabase {
    ObjectDatabase(stateDirectory: stateDirectory, note: "", lockTimeout: Scratch.patience)
  }

  static let settings = ClusterSettings(
    clusterName: "cluster", podSubnets: [try! Subnet(parsing: "10.244.0.0/16")],
    serviceSubnets: [try! Subnet(parsing: "10.96.0.0/12")])

  static let pool = Pool("k8s-default-pod-v4", try! Subnet(parsing: "10.0.0.0/24"))
  /// `attachments.db` and `objects.db` of a small node.
  static let templates: [(path: String, bytes: [UInt8])] = {
    do {
      try fill()
      return try [runDirectory + "/attachments.db", stateDirectory + "/objects.db"].map {
        ($0, try readFile($0, limit: 1 << 24))
      }
    } catch {
      fatalError("\(error)")
    }
  }()

  private static func fill() throws {
    try attachments().transaction { transaction in
      for number in UInt8(1)...3 { try transaction.record(attachment("c\(number)", number)) }
      try transaction.record(InstanceRecord(name: "lab/net", pin: "/run/x", bridgeIndex: 7, vni: 5, uplink: 5))
      try transaction.record(
        Event(
          time: 1, verb: "ADD", containerID: "c1", interfaceName: "eth0", pod: PodReference(), code: 0, microseconds: 1,
          message: ""))
      var store = transaction.pool(pool.name)
      for number in 1...3 { _ = try pool.allocate(for: Holder(owner: "c\(number)", interface: "eth0"), in: &store) }
    }
    try objects.change(settings) { transaction in
      for manifest in try ManifestText.manifests(in: Array(sampleManifests.utf8)) {
        _ = try transaction.apply(APIObject(manifest), settings, use: NoNetworkUse())
      }
    }
  }
}

private func attachment(_ name: String, _ number: UInt8) -> Attachment {
  let address = AttachedAddress(
    address: InterfaceAddress("10.0.0.\(number)/24")!, gateway: IPAddress("10.0.0.254")!, isDefaultRoute: true)
  let pair = AllowedAddressPair(prefix: try! IPPrefix(parsing: "10.0.0.64/30"), mac: nil, mode: .activeActive)
  let interface = AttachedInterface(
    uuid: UInt128(number), name: "eth0", hostName: "vmi\(number)", mac: MACAddress(rawValue: UInt64(number)),
    hostMAC: MACAddress(rawValue: 1), mtu: 1500, network: "lab/net", instance: "lab/net", addresses: [address],
    pairs: [pair])
  return Attachment(
    containerID: name, interfaceName: "eth0", networkName: "k8s", state: number == 1 ? .attached : .pending,
    pod: PodReference(namespace: "lab", name: name, uid: "uid-\(number)"), namespacePath: "/run/netns/\(name)",
    namespace: NamespaceIdentity(inode: 5, cookie: 6), linkGroup: UInt32(number), created: 7, interfaces: [interface])
}

private let sampleManifests = """
  {"apiVersion": "v1", "kind": "List", "items": [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "lab"}},
    {"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
      "metadata": {"name": "net", "namespace": "lab", "annotations": {"juniper.net/networks":
        "{\\"ipamV4Subnet\\": \\"172.16.0.0/24\\", \\"routeTargetList\\": [\\"target:1:1\\"]}"}},
      "spec": {"config": "{\\"cniVersion\\": \\"1.0.0\\", \\"type\\": \\"contrail-k8s-cni\\"}"}},
    {"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
      "metadata": {"name": "two", "namespace": "lab", "annotations": {"juniper.net/networks":
        "{\\"ipamV4Subnet\\": \\"172.17.0.0/24\\", \\"importRouteTargetList\\": [\\"target:1:1\\"]}"}},
      "spec": {"config": "{\\"cniVersion\\": \\"1.0.0\\", \\"type\\": \\"contrail-k8s-cni\\"}"}}
  ]}
  """
