internal import LinuxSystem
package import NetworkAddresses
internal import SQLite

// Attachments as rows: one per call of ADD, and one per interface that it made.

extension AttachmentTransaction {
  /// Records an attachment of which nothing is recorded yet.
  package func record(_ attachment: Attachment) throws(StoreError) {
    try run(
      "INSERT INTO attachment VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      .text(attachment.containerID), .text(attachment.interfaceName), .text(attachment.networkName),
      .integer(attachment.state.rawValue), .text(attachment.pod.namespace), .text(attachment.pod.name),
      .text(attachment.pod.uid), .text(attachment.namespacePath),
      .integer(Int64(bitPattern: attachment.namespace.inode)),
      .integer(Int64(bitPattern: attachment.namespace.cookie)), .integer(Int64(attachment.linkGroup)),
      .integer(Int64(bitPattern: attachment.created)))
    let id = connection.lastInsertedRowID
    for (position, interface) in attachment.interfaces.enumerated() {
      try run(
        """
        INSERT INTO interface (attachment, position, uuid, name, host_name, mac, host_mac, mtu, network, instance,
          addresses) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """,
        .integer(id), .integer(Int64(position)), .blob(encode(interface.uuid)), .text(interface.name),
        .text(interface.hostName),
        .integer(Int64(interface.mac.rawValue)), .integer(Int64(interface.hostMAC.rawValue)),
        .integer(Int64(interface.mtu)), .text(interface.network), .text(interface.instance),
        .blob(encode(interface.addresses)))
      if !interface.pairs.isEmpty { try writePairs(of: interface, attachment: id, position: Int64(position)) }
    }
  }

  /// Marks a recorded attachment as complete, or as one that has to go: nobody is led to its addresses then.
  package func mark(_ state: Attachment.State, containerID: String, interfaceName: String) throws(StoreError) {
    try run(
      "UPDATE attachment SET state = ?3 WHERE container = ?1 AND ifname = ?2", .text(containerID),
      .text(interfaceName), .integer(state.rawValue))
  }

  package func removeAttachment(containerID: String, interfaceName: String) throws(StoreError) {
    try run(
      "DELETE FROM pair WHERE attachment = (SELECT id FROM attachment WHERE container = ?1 AND ifname = ?2)",
      .text(containerID), .text(interfaceName))
    try run(
      """
      DELETE FROM interface WHERE attachment =
        (SELECT id FROM attachment WHERE container = ?1 AND ifname = ?2)
      """, .text(containerID), .text(interfaceName))
    try run("DELETE FROM attachment WHERE container = ?1 AND ifname = ?2", .text(containerID), .text(interfaceName))
  }

  /// Whether anything is recorded of a container's interface or of a pod, by one look that reads no rows.
  package func isRecorded(containerID: String, interfaceName: String, podUID: String) throws(StoreError) -> Bool {
    try !rows(
      """
      SELECT 1 FROM attachment WHERE container = ?1 AND ifname = ?2
      UNION ALL SELECT 1 FROM attachment WHERE pod_uid = ?3 AND pod_uid <> '' LIMIT 1
      """, .text(containerID), .text(interfaceName), .text(podUID), row: { _ in true }
    ).isEmpty
  }

  package func attachment(containerID: String, interfaceName: String) throws(StoreError) -> Attachment? {
    try attachments(
      where: "container = ?1 AND ifname = ?2", .text(containerID), .text(interfaceName)
    ).first
  }

  /// The attachment in the row of this number.
  func attachment(id: Int64) throws(StoreError) -> Attachment? { try attachments(where: "id = ?1", .integer(id)).first }

  /// The attachment that has an interface with this MAC address in the network.
  package func holder(of mac: MACAddress, network: String) throws(StoreError) -> Attachment? {
    let found = try rows(
      "SELECT attachment FROM interface WHERE network = ?1 AND mac = ?2 LIMIT 1", .text(network),
      .integer(Int64(mac.rawValue))
    ) { $0.integer(0) }.first
    return try found.flatMap { id throws(StoreError) in try attachment(id: id) }
  }

  package func attachments(podUID: String) throws(StoreError) -> [Attachment] {
    try attachments(where: "pod_uid = ?1 AND pod_uid <> ''", .text(podUID))
  }

  /// All attachments of a container.
  package func attachments(containerID: String) throws(StoreError) -> [Attachment] {
    try attachments(where: "container = ?1", .text(containerID))
  }

  /// All attachments of the node.
  package func attachments() throws(StoreError) -> [Attachment] { try attachments(where: "id > 0") }

  /// The attachments made under a network configuration of this name, and those of which the name is not known any more.
  package func attachments(networkName: String) throws(StoreError) -> [Attachment] {
    try attachments(where: "network IN (?1, '')", .text(networkName))
  }

  /// The attachments that have an interface in a routing instance.
  package func attachments(instance: String) throws(StoreError) -> [Attachment] {
    try attachments(
      where: "id IN (SELECT attachment FROM interface WHERE network = ?1)", .text(instance))
  }

  private func attachments(where condition: String, _ values: SQLiteValue...) throws(StoreError) -> [Attachment] {
    let found = try rows(
      """
      SELECT id, container, ifname, network, state, pod_namespace, pod_name, pod_uid, netns, inode, cookie,
        link_group, created
      FROM attachment WHERE \(condition) ORDER BY id
      """, all: values
    ) { row in
      (
        id: row.integer(0),
        attachment: Attachment(
          containerID: row.text(1), interfaceName: row.text(2), networkName: row.text(3),
          state: row.integer(4) == 1 ? .attached : .pending,
          pod: PodReference(namespace: row.text(5), name: row.text(6), uid: row.text(7)),
          namespacePath: row.text(8),
          namespace: NamespaceIdentity(
            inode: UInt64(bitPattern: row.integer(9)), cookie: UInt64(bitPattern: row.integer(10))),
          linkGroup: UInt32(truncatingIfNeeded: row.integer(11)), created: UInt64(bitPattern: row.integer(12)),
          interfaces: [])
      )
    }
    var attachments: [Attachment] = []
    for (id, attachment) in found {
      attachments.append(attachment)
      attachments[attachments.count - 1].interfaces = try interfaces(ofAttachment: id)
    }
    return attachments
  }

  private func interfaces(ofAttachment id: Int64) throws(StoreError) -> [AttachedInterface] {
    try rows(
      """
      SELECT name, host_name, mac, host_mac, mtu, network, instance, addresses, uuid
        \(version < Schema.attachmentsWithPairs ? "" : ", pairs")
      FROM interface WHERE attachment = ?1 ORDER BY position
      """, .integer(id)
    ) {
      AttachedInterface(
        uuid: $0.blob(8).reduce(0) { $0 << 8 | UInt128($1) }, name: $0.text(0), hostName: $0.text(1),
        mac: MACAddress(rawValue: UInt64(bitPattern: $0.integer(2))),
        hostMAC: MACAddress(rawValue: UInt64(bitPattern: $0.integer(3))),
        mtu: UInt32(truncatingIfNeeded: $0.integer(4)), network: $0.text(5), instance: $0.text(6),
        addresses: decodeAddresses($0.blob(7)),
        pairs: version < Schema.attachmentsWithPairs ? [] : decodePairs($0.blob(9)))
    }
  }
}

private func encode(_ uuid: UInt128) -> [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: uuid >> (120 - 8 * $0)) } }
