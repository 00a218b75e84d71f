import ContrailIPAM
import Glibc
import LinuxSystem
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import Testing
import VirtualNetworks

@testable import contrailctl

/// A node in a directory of its own: definitions, attachments, and what a person types.
final class Site {
  let directory: String
  let clusterName: String
  let cluster: NodeCluster
  private var store: AttachmentStore

  init(clusterName: String = "contrail-k8s-kubemanager-mk", pageSize: Int = 250) throws {
    var template = Array("/tmp/contrailctl-XXXXXX".utf8CString)
    directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    try makeDirectories(directory + "/run/locks")
    self.clusterName = clusterName
    let settings = ClusterSettings(
      clusterName: clusterName, podSubnets: [try Subnet(parsing: "10.244.0.0/16")],
      serviceSubnets: [try Subnet(parsing: "10.96.0.0/12")])
    let node = NodeIdentity(name: "minikube", address: IPAddress("192.168.177.47"))
    var configuration = ContrailConfiguration()
    configuration.stateDirectory = directory + "/state"
    configuration.runDirectory = directory + "/run"
    configuration.lockTimeout = 5
    cluster = NodeCluster(settings, configuration, identity: { node }, pageSize: pageSize)
    store = AttachmentStore(
      runDirectory: directory + "/run", note: "test", lockTimeout: 5_000_000_000,
      epoch: try Epoch.current(namespace: NamespaceIdentity(inode: 1, cookie: 1)))
  }

  deinit { _ = remove(directory) }

  private func remove(_ path: String) -> Bool {
    if isDirectory(path) == true {
      for name in (try? directoryEntries(path)) ?? [] { _ = remove(path + "/" + name) }
      return rmdir(path) == 0
    }
    return unlink(path) == 0
  }

  struct Answer: Equatable {
    var output = ""
    var errors = ""
    var hasFailed = false
  }

  /// Runs a command of the tool that is about a cluster.
  func run(_ words: [String]) throws -> Answer {
    var answer = Answer()
    let console = Console(output: { answer.output += $0 }, errors: { answer.errors += $0 })
    let command = try #require(try Contrailctl.clusterCommand(words))
    do { try command.run(on: cluster, console) } catch { console.fail(error) }
    answer.hasFailed = console.hasFailed
    return answer
  }

  func run(_ line: String) throws -> Answer { try run(line.split(separator: " ").map(String.init)) }

  /// Writes a file beside the stores.
  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(directory)/\(name)"
    let file = try OwnedDescriptor(path: path, [.write, .create, .truncate])
    try file.overwrite(Array(text.utf8))
    return path
  }

  struct Interface {
    var name: String
    /// `namespace/name`
    var network: String
    var address: String
    var gateway: String
    /// `namespace/name` of the Subnet, whose pool gives the address.
    var subnet = ""
    var mac = "02:21:0f:f6:47:fc"
  }

  private var attached: UInt64 = 0

  /// Records that a pod was attached.
  func attach(
    _ pod: String, namespace: String = "default", uid: String? = nil, interfaceName: String = "eth0",
    isAttached: Bool = true, _ interfaces: [Interface]
  ) throws {
    attached += 1
    let container = "c-\(namespace)-\(pod)"
    let now = wallClockNanoseconds() + attached
    try store.transaction { transaction in
      for interface in interfaces where !interface.subnet.isEmpty {
        let address = try #require(InterfaceAddress(interface.address))
        let subnet = try Subnet(IPPrefix(containing: address.address, length: address.prefixLength))
        var pool = transaction.pool(interface.subnet)
        try Pool(interface.subnet, subnet).allocate(
          [address.address], for: Holder(owner: container, interface: interface.name), in: &pool)
      }
      try transaction.record(
        Attachment(
          containerID: container, interfaceName: interfaceName, networkName: "contrail",
          state: isAttached ? .attached : .pending,
          pod: PodReference(namespace: namespace, name: pod, uid: uid ?? "uid-\(namespace)-\(pod)"),
          namespacePath: "/run/netns/\(pod)", namespace: NamespaceIdentity(inode: attached, cookie: attached),
          linkGroup: UInt32(attached), created: now,
          interfaces: try interfaces.enumerated().map { position, interface in
            AttachedInterface(
              uuid: UInt128(attached) << 96 | UInt128(position) << 64 | 7, name: interface.name, hostName: "vmi0",
              mac: try #require(MACAddress(interface.mac)), hostMAC: try #require(MACAddress("06:00:00:00:00:01")),
              mtu: 1500, network: interface.network, instance: interface.network,
              addresses: [
                AttachedAddress(
                  address: try #require(InterfaceAddress(interface.address)),
                  gateway: try #require(IPAddress(interface.gateway)),
                  isDefaultRoute: position == 0)
              ])
          }))
    }
  }

  /// Removes what `attach` recorded, as DEL does.
  func detach(_ pod: String, namespace: String = "default") throws {
    let container = "c-\(namespace)-\(pod)"
    try store.transaction { transaction in
      let found = try transaction.attachment(containerID: container, interfaceName: "eth0")
      try transaction.releaseAddresses(of: #require(found))
      try transaction.removeAttachment(containerID: container, interfaceName: "eth0")
    }
  }

  func defaultInterface(_ address: String, mac: String = "02:11:8e:c0:2f:e0") -> Interface {
    Interface(
      name: "eth0", network: "\(clusterName)-contrail/default-podnetwork", address: "\(address)/16",
      gateway: "10.244.0.1", mac: mac)
  }
}

func makeDirectory(_ path: String) -> Bool { mkdir(path, 0o700) == 0 }

func replacing(_ text: String, _ old: String, _ new: String) -> String { text.replacing(old, with: new) }
