internal import ContrailIPAM
internal import JSON
internal import LinuxSystem
internal import SQLite
package import VirtualNetworks

/// The stored objects while this process alone may change them.
package struct ObjectTransaction {
  package let reader: ObjectReader
  private let connection: Connection
  private let path: String

  init(_ connection: Connection, path: String) {
    self.connection = connection
    self.path = path
    reader = ObjectReader(connection, path: path)
  }

  /// Applies a manifest, with all that follows from it.
  ///
  /// Nothing is written if it throws, and the transaction can go on with the next manifest.
  package func apply(
    _ manifest: APIObject, _ settings: ClusterSettings, use: some NetworkUse
  ) throws -> ChangePlan {
    try change(settings, use) { try $0.apply(manifest) }
  }

  /// Deletes an object, with all that follows from it.
  package func delete(_ key: ObjectKey, _ settings: ClusterSettings, use: some NetworkUse) throws -> ChangePlan {
    try change(settings, use) { try $0.delete(key) }
  }

  /// Makes the system's own objects, or fits them to the configuration.
  package func makeSystemObjects(_ settings: ClusterSettings) throws {
    _ = try change(settings, NoNetworkUse()) { try $0.systemObjects() }
  }

  private func change<Use: NetworkUse>(
    _ settings: ClusterSettings, _ use: Use, _ plan: (Reconciler<ObjectReader, Use>) throws -> ChangePlan
  ) throws -> ChangePlan {
    let reconciler = Reconciler(settings, state: reader, use: use, now: currentTime(), makeUID: randomUID)
    var plan = try plan(reconciler)
    for write in plan.writes { try perform(write) }
    for write in plan.writes { try settleNetworks(write) }
    if plan.writes.contains(where: \.decidesConnections) { plan.warnings += try resolveConnections() }
    return plan
  }

  private func perform(_ write: Write) throws(StoreError) {
    switch write {
    case .put(let object): try put(object)
    case .delete(let key): try delete(key)
    case .allocate(let space, let number): try take(number, space)
    case .release(let space, let number): try release(number, space)
    }
  }

  func put(_ object: APIObject) throws(StoreError) {
    try run(
      """
      INSERT INTO object VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (kind, namespace, name) DO UPDATE SET body = ?4
      """, object.key.values + [.text(JSONValue.object(object.json).text())])
    try dropReferences(of: object.key)
    for target in object.references {
      try run("INSERT INTO reference VALUES (?1, ?2, ?3, ?4, ?5, ?6)", target.values + object.key.values)
    }
  }

  private func delete(_ key: ObjectKey) throws(StoreError) {
    try run("DELETE FROM object WHERE kind = ?1 AND namespace = ?2 AND name = ?3", key.values)
    try dropReferences(of: key)
  }

  private func dropReferences(of key: ObjectKey) throws(StoreError) {
    try run("DELETE FROM reference WHERE kind = ?1 AND namespace = ?2 AND name = ?3", key.values)
  }

  // MARK: Numbers

  /// The system's own numbers are below the users' and need no record: their objects are always there.
  private func take(_ number: Int64, _ space: NumberSpace) throws(StoreError) {
    guard number >= space.userFirst else { return }
    let next = try reader.next(space)
    if number < next {
      try run("DELETE FROM free_number WHERE space = ?1 AND number = ?2", [.text(space.rawValue), .integer(number)])
      return
    }
    for skipped in next..<number { try release(skipped, space) }
    try run(
      "INSERT OR REPLACE INTO number VALUES (?1, ?2)", [.text(space.rawValue), .integer(number + 1)])
  }

  private func release(_ number: Int64, _ space: NumberSpace) throws(StoreError) {
    guard number >= space.userFirst else { return }
    try run("INSERT INTO free_number VALUES (?1, ?2)", [.text(space.rawValue), .integer(number)])
  }

  // MARK: The networks as the plugin reads them

  private func settleNetworks(_ write: Write) throws(StoreError) {
    let key: ObjectKey
    switch write {
    case .put(let object): key = object.key
    case .delete(let deleted): key = deleted
    case .allocate, .release: return
    }
    switch key.kind {
    case .virtualNetwork, .networkAttachmentDefinition, .routingInstance: try settle(key)
    case .subnet:
      for network in try reader.referrers(to: key, limit: Int.max) where network.kind == .virtualNetwork {
        try settle(network)
      }
    default: break
    }
  }

  /// Writes the row of a network anew, or that of a definition which stands for another network.
  private func settle(_ key: ObjectKey) throws(StoreError) {
    let own = ObjectKey(.virtualNetwork, namespace: key.namespace, key.name)
    if let network = try reader.object(own) {
      let facts = try NetworkFacts(network) { key throws(StoreError) in try reader.object(key) }
      let instance = try reader.object(ObjectKey(.routingInstance, namespace: key.namespace, key.name))
      let node = NetworkNode(network, vni: facts.vni, instance: instance, prefixes: facts.subnets.map(\.subnet.prefix))
      try run(networkInsertion, networkValues(own, facts, node))
      return
    }
    let definition = ObjectKey(.networkAttachmentDefinition, namespace: key.namespace, key.name)
    if let other = try reader.object(definition)?.existingNetwork {
      try run(networkInsertion, aliasValues(own, of: other))
    } else {
      try run("DELETE FROM network WHERE namespace = ?1 AND name = ?2", [.text(key.namespace), .text(key.name)])
    }
  }

  /// Writes all rows anew, as after a change of their layout.
  func rebuildNetworks() throws(StoreError) {
    for kind in [Kind.virtualNetwork, .networkAttachmentDefinition] {
      for object in try reader.all(kind) { try settle(object.key) }
    }
    _ = try resolveConnections()
  }

  func run(_ sql: String, _ values: [SQLiteValue]) throws(StoreError) {
    try inDatabase(path) { () throws(SQLiteError) in
      let statement = try connection.prepare(sql)
      try statement.run(all: values)
    }
  }
}

extension Write {
  /// Whether who reaches whom may follow from it.
  fileprivate var decidesConnections: Bool {
    let kind: Kind
    switch self {
    case .put(let object): kind = object.kind
    case .delete(let key): kind = key.kind
    case .allocate, .release: return false
    }
    return [.virtualNetwork, .subnet, .routingInstance, .virtualNetworkRouter, .namespace].contains(kind)
  }
}

/// RFC 3339 in UTC, whole seconds.
private func currentTime() -> String { String(timestamp(wallClockNanoseconds()).prefix(19)) + "Z" }

/// A random UUID (RFC 9562, version 4) in text form.
private func randomUID() -> String {
  var bytes = (try? randomBytes(16)) ?? []
  // The kernel gives 16 octets whenever it runs; without them an object would share its identity.
  precondition(bytes.count == 16, "the kernel has no random octets")
  bytes[6] = bytes[6] & 0x0f | 0x40
  bytes[8] = bytes[8] & 0x3f | 0x80
  return uuidText(bytes)
}
