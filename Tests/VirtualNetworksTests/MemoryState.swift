import ContrailIPAM
import JSON
import NetworkAddresses
import Testing
import VirtualNetworks

/// A cluster in memory: what the rules read and write, without a store.
struct MemoryState: ClusterState {
  private(set) var objects: [ObjectKey: APIObject] = [:]
  private(set) var taken: [NumberSpace: Set<Int64>] = [:]

  func object(_ key: ObjectKey) -> APIObject? { objects[key] }

  func names(of kind: Kind, namespace: String) -> [String] {
    objects.keys.filter { $0.kind == kind && $0.namespace == namespace }.map(\.name).sorted()
  }

  func referrers(to key: ObjectKey, limit: Int) -> [ObjectKey] {
    Array(objects.values.filter { $0.references.contains(key) }.map(\.key).sorted().prefix(limit))
  }

  func lowestFree(_ space: NumberSpace, besides skipped: Set<Int64>) -> Int64 {
    var number = space.userFirst
    while skipped.contains(number) || taken[space]?.contains(number) == true { number += 1 }
    return number
  }

  /// Makes the writes, each of which must make sense.
  mutating func perform(_ plan: ChangePlan) {
    for write in plan.writes {
      switch write {
      case .put(let object): objects[object.key] = object
      case .delete(let key): #expect(objects.removeValue(forKey: key) != nil, "\(key) was not there to be deleted")
      case .allocate(let space, let number):
        let isNew = taken[space, default: []].insert(number).inserted
        #expect(isNew, "\(space) \(number) was taken")
      case .release(let space, let number):
        #expect(taken[space]?.remove(number) != nil, "\(space) \(number) was not taken")
      }
    }
  }
}

/// Pods' interfaces, by network.
final class FakeUse: NetworkUse {
  var interfaces: [ObjectKey: [InterfaceInUse]] = [:]

  func interfaces(in network: ObjectKey, limit: Int) -> [InterfaceInUse] {
    Array((interfaces[network] ?? []).prefix(limit))
  }

  /// A pod with one address of the network.
  func attach(_ pod: String, to network: String, _ address: String, gateway: String) throws {
    let address = AddressInUse(try #require(InterfaceAddress(address)), gateway: try #require(IPAddress(gateway)))
    let interface = InterfaceInUse(pod: pod, interface: "eth1", addresses: [address])
    interfaces[ObjectKey(.virtualNetwork, namespace: "default", network), default: []].append(interface)
  }
}

/// A cluster on which manifests are applied, with a clock that ticks at every change.
final class Cluster {
  var state = MemoryState()
  let use = FakeUse()
  var settings: ClusterSettings
  private var changes = 0
  private var identities = 0

  init(name: String = "contrail-k8s-kubemanager-mk", withSystemObjects: Bool = true) throws {
    settings = ClusterSettings(
      clusterName: name, podSubnets: [try Subnet(parsing: "10.244.0.0/16")],
      serviceSubnets: [try Subnet(parsing: "10.96.0.0/12")])
    if withSystemObjects { try perform { try $0.systemObjects() } }
  }

  var now: String {
    let second = changes % 60
    return "2022-08-19T20:\(changes / 60 + 10):\(second < 10 ? "0" : "")\(second)Z"
  }

  @discardableResult
  func perform(
    _ change: (Reconciler<MemoryState, FakeUse>) throws -> ChangePlan
  ) throws -> ChangePlan {
    changes += 1
    let plan = try change(
      Reconciler(settings, state: state, use: use, now: now) {
        self.identities += 1
        return "uid-\(self.identities)"
      })
    state.perform(plan)
    return plan
  }

  @discardableResult
  func apply(_ manifest: APIObject) throws -> ChangePlan { try perform { try $0.apply(manifest) } }

  @discardableResult
  func apply(_ text: String) throws -> ChangePlan { try apply(APIObject(JSONValue(parsing: text))) }

  @discardableResult
  func delete(_ kind: Kind, _ name: String, namespace: String = "default") throws -> ChangePlan {
    try perform { try $0.delete(ObjectKey(kind, namespace: kind.resource.isNamespaced ? namespace : "", name)) }
  }

  /// The object, which must be there.
  func object(_ kind: Kind, _ name: String, namespace: String = "default") throws -> APIObject {
    let key = ObjectKey(kind, namespace: kind.resource.isNamespaced ? namespace : "", name)
    return try #require(state.object(key), "\(key)")
  }

  func has(_ kind: Kind, _ name: String, namespace: String = "default") -> Bool {
    state.object(ObjectKey(kind, namespace: kind.resource.isNamespaced ? namespace : "", name)) != nil
  }

  func vni(_ name: String) throws -> String {
    try object(.virtualNetwork, name).text("status", "virtualNetworkNetworkId")
  }

  func target(_ name: String) throws -> String {
    try object(.routingInstance, name).text("status", "defaultRouteTargetReference", "name")
  }
}

/// The attachment networks of a definition, as its annotation has them.
let plain = #"{"ipamV4Subnet": "172.16.10.0/24"}"#

/// A NetworkAttachmentDefinition of ours.
func definition(_ name: String, namespace: String = "default", _ networks: String) -> APIObject {
  APIObject(
    .networkAttachmentDefinition,
    ObjectMetadata(name: name, namespace: namespace, annotations: ["juniper.net/networks": networks]),
    spec: ["config": #"{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}"#])
}
