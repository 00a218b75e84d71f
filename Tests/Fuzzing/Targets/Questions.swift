import ContrailIPAM
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import VirtualNetworks

/// Something that ADD, DEL or contrailctl does with a store.
struct Question: Sendable {
  enum Store: Int, Sendable {
    case attachments
    case objects
  }

  let store: Store
  let ask: @Sendable () throws -> Void

  /// A transaction of the plugin's.
  static func transaction(_ body: @escaping @Sendable (AttachmentTransaction) throws -> Void) -> Question {
    Question(store: .attachments) { try Scratch.attachments().transaction(body) }
  }

  static func looking(_ body: @escaping @Sendable (AttachmentReader) throws -> Void) -> Question {
    Question(store: .attachments) {
      try body(AttachmentReader(runDirectory: Scratch.runDirectory, lockTimeout: Scratch.patience))
    }
  }

  static func definitions(_ body: @escaping @Sendable (ObjectReader) throws -> Void) -> Question {
    Question(store: .objects) {
      try DefinitionStore(stateDirectory: Scratch.stateDirectory, lockTimeout: Scratch.patience).read(body)
    }
  }

  /// A change of a person's.
  static func change(_ body: @escaping @Sendable (ObjectTransaction) throws -> Void) -> Question {
    Question(store: .objects) { try Scratch.objects.change(Scratch.settings, body) }
  }
}

let questions: [Question] = [
  .transaction { transaction in
    for attachment in try transaction.attachments() {
      try transaction.removeAttachment(containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      try transaction.releaseAddresses(of: attachment)
      try transaction.record(attachment)
    }
  },
  .transaction { transaction in
    for name in try transaction.instances() {
      if let instance = try transaction.instance(name) { try transaction.record(instance) }
    }
    _ = try (transaction.connectedInstances(), transaction.freeUplink(from: 5), transaction.hasUplinks())
  },
  .transaction { transaction in
    _ = try (transaction.routedPairs(network: "lab/net"), transaction.outsidePairs(), transaction.events())
    _ = try (transaction.containerIDs(), transaction.isPair(IPAddress("10.0.0.65")!, network: "lab/net"))
  },
  .transaction { transaction in
    var store = transaction.pool(Scratch.pool.name)
    _ = try Scratch.pool.allocate(for: Holder(owner: "new", interface: "eth0"), in: &store)
  },
  .transaction { transaction in
    var store = transaction.pool(Scratch.pool.name)
    _ = try Scratch.pool.allocate([IPAddress("10.0.0.77")!], for: Holder(owner: "n", interface: "e"), in: &store)
    try store.release(owner: "c1")
    for owner in try transaction.ownersWithoutAttachment() { try transaction.releaseAddresses(owner: owner) }
  },
  .transaction { transaction in
    let pool = Pool(Scratch.pool.name, try Subnet(parsing: "10.0.0.0/23"), order: .descending)
    var store = transaction.pool(pool.name)
    _ = try pool.reconfigure(in: &store)
    _ = try pool.allocate(for: Holder(owner: "wide", interface: "eth0"), in: &store)
  },
  .looking { reader in try reader.keys { keys in _ = try reader.attachments(keys.map(\.id)) } },
  .looking { reader in
    _ = try reader.attachments(network: "lab/net", limit: 10)
    for usage in try reader.usage(of: [(Scratch.pool.name, Scratch.pool.subnets[0])]) { _ = "\(usage)" }
  },
  .definitions {
    _ = try ($0.namespace("lab"), $0.pod(namespace: "lab", name: "x"), $0.networks(named: "net", limit: 9))
  },
  .definitions { reader in
    let name = NetworkName(namespace: "lab", name: "two")
    _ = try reader.virtualNetwork(namespace: name.namespace, name: name.name)
    _ = try (reader.connections(of: name), reader.importers(of: name), reader.allConnections())
  },
  .definitions { reader in for kind in ResourceKind.all { _ = try reader.objects(of: kind.kind) } },
  .definitions { _ = try $0.connectivity() },
  .change { transaction in
    let network = try transaction.reader.object(ObjectKey(.namespace, "lab"))
    if let network { _ = try transaction.apply(network, Scratch.settings, use: NoNetworkUse()) }
  },
  .change { transaction in
    let key = ObjectKey(.networkAttachmentDefinition, namespace: "lab", "two")
    guard var definition = try transaction.reader.object(key) else { return }
    definition.metadata.name = "three"
    _ = try transaction.apply(definition, Scratch.settings, use: NoNetworkUse())
    _ = try transaction.delete(key, Scratch.settings, use: NoNetworkUse())
  },
]
