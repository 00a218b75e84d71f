import ContrailIPAM
import JSON
import NetworkAddresses
import NetworkAttachments
import SeededRandom
import Testing
import VirtualNetworks

/// Whatever is applied and deleted, in whatever order:
/// - numbers are unique, and taken exactly by the networks and instances that there are;
/// - a network that lives keeps its numbers, and a subnet that lives keeps its UID;
/// - a definition's network exists if its status says so, and none is left without one;
/// - every network has its instance; every reference leads to an object, or the network waits for it;
/// - every target is some instance's, and every subnet of a definition's making is used;
/// - a running pod's address and gateway are those of its network's subnet, if the network has one;
/// - applying the same again changes nothing.
struct RandomChangeTests {
  @Test(arguments: 0..<4) func invariants(_: Int) throws {
    let seed = UInt64.random(in: 0...9_999_999)
    print("RandomChangeTests: seed \(seed)")
    var generator = SplitMix(seed: seed)
    let cluster = try Cluster()
    for step in 0..<250 {
      let before = cluster.state
      try changePods(cluster, &generator)
      let manifest = self.manifest(&generator)
      do {
        if Bool.random(using: &generator) || manifest.kind == .pod {
          try cluster.apply(manifest)
          let again = try cluster.apply(manifest)
          #expect(again.writes.isEmpty && again.outcome == .unchanged, "seed \(seed), step \(step): \(manifest.key)")
        } else {
          try cluster.perform { try $0.delete(manifest.key) }
        }
      } catch is ObjectError {
        #expect(cluster.state.objects == before.objects, "seed \(seed), step \(step): a refusal changes nothing")
      }
      try check(cluster.state, before, "seed \(seed), step \(step): \(manifest.key)")
      checkPods(cluster, "seed \(seed), step \(step): \(manifest.key)")
    }
  }

  private func manifest(_ generator: inout SplitMix) -> APIObject {
    let name = ["a", "b", "c", "d"].randomElement(using: &generator) ?? "a"
    let cidr = ["10.0.0.0/24", "10.1.0.0/16", "10.0.0.7/24"].randomElement(using: &generator) ?? ""
    let target =
      ["target:1:1", "target:2:2", "target:64512:8000009", "target:64512:8000010"]
      .randomElement(using: &generator) ?? ""
    let metadata = ObjectMetadata(name: name, namespace: "default")
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: return APIObject(.subnet, metadata, spec: ["cidr": .string(cidr)])
    case 1:
      let subnet = ["a", "b", "a-v4", "c-v6"].randomElement(using: &generator) ?? "a"
      let key = Bool.random(using: &generator) ? "v4SubnetReference" : "v6SubnetReference"
      let reference: JSONObject = ["kind": "Subnet", "name": .string(subnet), "namespace": "default"]
      return APIObject(
        .virtualNetwork, metadata, spec: [key: .object(reference), "importRouteTargetList": [.string(target)]])
    case 2: return APIObject(.pod, metadata)
    case 3: return definition(name, #"{"ipamV6Subnet": "2001:db8::/64", "exportRouteTargetList": ["\#(target)"]}"#)
    case 4:
      var alias = definition(name, "")
      alias.metadata.annotations = [
        "opencontrail.org/network": #"{"domain": "default-domain", "project": "default", "name": "b"}"#
      ]
      return alias
    default:
      let list = ["routeTargetList", "importRouteTargetList"].randomElement(using: &generator) ?? ""
      return definition(name, #"{"ipamV4Subnet": "\#(cidr)", "\#(list)": ["\#(target)"]}"#)
    }
  }

  private func check(_ state: MemoryState, _ before: MemoryState, _ place: Comment) throws {
    let networks = state.objects.values.filter { $0.kind == .virtualNetwork }
    let instances = state.objects.values.filter { $0.kind == .routingInstance }
    let vnis = networks.compactMap { $0.status["virtualNetworkNetworkId"]?.integer }
    #expect(vnis.count == networks.count && Set(vnis).count == vnis.count && Set(vnis) == state.taken[.vni], place)
    let automatic = instances.map { $0.text("status", "defaultRouteTargetReference", "name") }
    #expect(Set(automatic).count == automatic.count, place)
    let numbers = automatic.compactMap { RouteTargetName(objectName: $0).map { Int64($0.number) } }
    let further: Set<Int64> = [8_000_005, 8_000_008]
    #expect(Set(numbers).union(further) == state.taken[.routeTarget], place)
    for network in networks {
      let was = before.objects[network.key]
      if let was { #expect(was.status["virtualNetworkNetworkId"] == network.status["virtualNetworkNetworkId"], place) }
      let instance = state.objects[
        ObjectKey(.routingInstance, namespace: network.metadata.namespace, network.metadata.name)]
      #expect(instance?.metadata.ownerReferences.first?.uid == network.metadata.uid, place)
      let missing = network.references.filter { state.objects[$0] == nil }
      #expect(missing.isEmpty == (network.text("status", "state") == "Success"), place)
      if let maker = network.metadata.annotations["juniper.net/nad-name"] {
        #expect(state.objects[ObjectKey(.networkAttachmentDefinition, namespace: "default", maker)] != nil, place)
      }
    }
    for object in state.objects.values where object.kind != .virtualNetwork {
      let missing = object.references.filter { state.objects[$0] == nil }
      #expect(missing.isEmpty || object.kind == .networkAttachmentDefinition, "\(place): \(object.key): \(missing)")
    }
    try checkDefinitions(state, before, place)
  }

  /// Starts a pod in some network, or ends all of them.
  private func changePods(_ cluster: Cluster, _ generator: inout SplitMix) throws {
    let chance = Int.random(in: 0..<20, using: &generator)
    if chance == 0 { cluster.use.interfaces = [:] }
    let networks = cluster.state.names(of: .virtualNetwork, namespace: "default")
    guard chance < 4, let network = networks.randomElement(using: &generator) else { return }
    let facts = NetworkFacts(try cluster.object(.virtualNetwork, network)) { cluster.state.object($0) }
    guard let subnet = facts.subnets.first?.subnet else { return }
    let host = UInt128(Int.random(in: 2..<250, using: &generator))
    let address = IPAddress(family: subnet.prefix.family, number: subnet.prefix.first + host)
    try cluster.use.attach(
      "default/p", to: network, "\(address)/\(subnet.prefix.length)", gateway: "\(subnet.gateway)")
  }

  private func checkPods(_ cluster: Cluster, _ place: Comment) {
    for (key, interfaces) in cluster.use.interfaces {
      guard let network = cluster.state.object(key) else { continue }
      let facts = NetworkFacts(network) { cluster.state.object($0) }
      for use in interfaces.flatMap(\.addresses) {
        let address = use.address.address
        guard let subnet = facts.subnets.first(where: { $0.subnet.prefix.family == address.family })?.subnet else {
          #expect(network.text("status", "state") == "Pending", place)
          continue
        }
        #expect(subnet.contains(address) && subnet.gateway == use.gateway, "\(place): \(address) in \(subnet)")
      }
    }
  }

  private func checkDefinitions(_ state: MemoryState, _ before: MemoryState, _ place: Comment) throws {
    let used = Set(state.objects.values.flatMap(\.references))
    for object in state.objects.values {
      switch object.kind {
      case .networkAttachmentDefinition:
        let status = object.metadata.annotations["juniper.net/networks-status"] ?? ""
        let network = state.objects[ObjectKey(.virtualNetwork, namespace: "default", object.metadata.name)]
        let isMade = network?.metadata.annotations["juniper.net/nad-name"] == object.metadata.name
        #expect(status.hasPrefix("success creating") == isMade, place)
      case .subnet:
        if let was = before.objects[object.key] { #expect(was.metadata.uid == object.metadata.uid, place) }
        if object.metadata.name.contains("-v") { #expect(used.contains(object.key), place) }
      case .routeTarget: #expect(used.contains(object.key), "\(place): \(object.key)")
      default: break
      }
    }
  }
}
