package import NetworkAddresses
package import NetworkAttachments
internal import SQLite

/// Who has addresses that the gateway of a network has to be told of.
package struct RoutedPair: Equatable, Sendable {
  package let prefix: IPPrefix
  package let isShared: Bool
  package let containerID: String
  /// The interface's name in its pod.
  package let interface: String
  /// The interface's own addresses.
  package let addresses: [IPAddress]

  /// What tells a pair of an interface from its others.
  package struct Key: Hashable {
    let prefix: IPPrefix
    let isShared: Bool

    package init(_ pair: AllowedAddressPair) {
      prefix = pair.prefix
      isShared = pair.mode == .activeActive
    }

    fileprivate init(_ pair: RoutedPair) {
      prefix = pair.prefix
      isShared = pair.isShared
    }
  }

  package var key: Key { Key(self) }
}

/// A prefix outside of the subnets of its network.
package struct OutsidePair: Equatable, Sendable {
  /// `namespace/name`.
  package let network: String
  /// The network's number, where it is connected with others; otherwise 0.
  package let vni: UInt32
  package let prefix: IPPrefix
}

extension AttachmentTransaction {
  /// The pairs of a network's attached interfaces that several have at once, and those outside of its subnets.
  ///
  /// - Parameter prefix: those of exactly this prefix; `nil` for all.
  package func routedPairs(network: String, prefix: IPPrefix? = nil) throws(StoreError) -> [RoutedPair] {
    try routedPairs(
      where: prefix == nil ? "" : "AND pair.prefix = ?2", [.text(network)] + (prefix.map { [.blob(encode($0))] } ?? []))
  }

  /// The pairs that several have at once, of the attached interface of a network that has this own address.
  package func sharedPairs(network: String, of address: IPAddress) throws(StoreError) -> [RoutedPair] {
    let holders = "SELECT attachment FROM interface WHERE network = ?1 AND instr(addresses, ?2) > 0"
    return try routedPairs(
      where: "AND shared = 1 AND pair.attachment IN (\(holders))", [.text(network), .blob(address.bytes)]
    ).filter { $0.addresses.contains(address) }
  }

  private func routedPairs(where condition: String, _ values: [SQLiteValue]) throws(StoreError) -> [RoutedPair] {
    let found = try rows(
      """
      SELECT pair.prefix, shared, addresses, container, name FROM pair
      JOIN attachment ON attachment.id = pair.attachment AND state = 1
      JOIN interface ON interface.attachment = pair.attachment AND interface.position = pair.position
      WHERE pair.network = ?1 AND routed = 1 \(condition)
      ORDER BY pair.prefix, pair.attachment, pair.position
      """, all: values
    ) { row in
      decodePrefix(row.blob(0)).map {
        RoutedPair(
          prefix: $0, isShared: row.integer(1) != 0, containerID: row.text(3), interface: row.text(4),
          addresses: decodeAddresses(row.blob(2)).map(\.address.address))
      }
    }
    return found.compactMap(\.self)
  }

  /// Whether another prefix that several have at once holds this one or is in it.
  package func isNested(_ prefix: IPPrefix, network: String) throws(StoreError) -> Bool {
    let code = encode(prefix)
    func address(_ number: UInt128) -> [UInt8] { IPAddress(family: prefix.family, number: number).bytes }
    let inside = try rows(
      """
      SELECT 1 FROM pair WHERE network = ?1 AND routed = 1 AND prefix >= ?2 AND prefix <= ?3 AND length(prefix) = ?4
      AND prefix <> ?5 AND shared = 1 LIMIT 1
      """, .text(network), .blob(address(prefix.first)), .blob(address(prefix.last) + [255]),
      .integer(Int64(code.count)),
      .blob(code), row: { _ in true })
    if !inside.isEmpty || prefix.length == 0 { return !inside.isEmpty }
    let holders = (0..<prefix.length).map { IPPrefix(containing: prefix.address, length: $0) }
    let places = holders.indices.map { "?\($0 + 2)" }.joined(separator: ", ")
    return try !rows(
      "SELECT 1 FROM pair WHERE network = ?1 AND routed = 1 AND prefix IN (\(places)) AND shared = 1 LIMIT 1",
      all: [.text(network)] + holders.map { .blob(encode($0)) }, row: { _ in true }
    ).isEmpty
  }

  /// The prefixes of attached interfaces that are outside of the subnets of their networks, each once.
  ///
  /// - Parameter networks: those of these networks, and of those that have one of these numbers; `nil` for all.
  package func outsidePairs(
    of networks: (names: [String], numbers: [UInt32])? = nil
  ) throws(StoreError) -> [OutsidePair] {
    var condition = ""
    if let networks {
      let names = networks.names.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
      let numbers = networks.numbers.map(String.init).joined(separator: ", ")
      condition = "AND (pair.network IN (\(names)) OR vni IN (\(numbers)))"
    }
    let found = try rows(
      """
      SELECT DISTINCT pair.network, vni, prefix FROM pair
      JOIN attachment ON attachment.id = pair.attachment AND state = 1
      JOIN instance ON instance.name = pair.network
      WHERE outside <> 0 \(condition) ORDER BY pair.network, prefix
      """, all: networks.map { $0.names.map { .text($0) } } ?? []
    ) { row in
      decodePrefix(row.blob(2)).map {
        OutsidePair(network: row.text(0), vni: UInt32(truncatingIfNeeded: row.integer(1)), prefix: $0)
      }
    }
    return found.compactMap(\.self)
  }

  /// Whether an interface of the network has a pair of exactly this address.
  package func isPair(_ address: IPAddress, network: String) throws(StoreError) -> Bool {
    try !rows(
      "SELECT 1 FROM pair WHERE network = ?1 AND routed IN (0, 1) AND prefix = ?2 LIMIT 1", .text(network),
      .blob(encode(IPPrefix(containing: address, length: address.family.bits))), row: { _ in true }
    ).isEmpty
  }

  /// The attachments that have an interface in the network with a pair of exactly this address.
  package func pairHolders(of address: IPAddress, network: String) throws(StoreError) -> [Attachment] {
    try attachments(
      ids: rows(
        "SELECT attachment FROM pair WHERE network = ?1 AND routed IN (0, 1) AND prefix = ?2", .text(network),
        .blob(encode(IPPrefix(containing: address, length: address.family.bits)))
      ) { $0.integer(0) })
  }

  /// The attachments that have an interface in the network with a pair of this MAC.
  package func pairHolders(of mac: MACAddress, network: String) throws(StoreError) -> [Attachment] {
    let found = try rows(
      "SELECT attachment, pairs FROM interface WHERE network = ?1 AND instr(pairs, ?2) > 0", .text(network),
      .blob(mac.bytes)
    ) { row in decodePairs(row.blob(1)).contains { $0.mac == mac } ? row.integer(0) : nil }
    return try attachments(ids: found.compactMap(\.self))
  }

  private func attachments(ids: [Int64]) throws(StoreError) -> [Attachment] {
    var found: [Attachment] = []
    for id in ids {
      if let attachment = try attachment(id: id) { found.append(attachment) }
    }
    return found
  }
}
