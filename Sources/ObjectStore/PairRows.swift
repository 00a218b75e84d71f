package import NetworkAddresses
package import NetworkAttachments
internal import SQLite

// Pairs as rows: with their interface, and by network and prefix.

extension AttachmentTransaction {
  /// Gives an interface of an attachment other pairs.
  package func setPairs(
    _ pairs: [AllowedAddressPair], of interface: AttachedInterface, containerID: String, interfaceName: String
  ) throws(StoreError) {
    let found = try rows(
      """
      SELECT attachment, position FROM interface WHERE name = ?3
      AND attachment = (SELECT id FROM attachment WHERE container = ?1 AND ifname = ?2)
      """, .text(containerID), .text(interfaceName), .text(interface.name)
    ) { ($0.integer(0), $0.integer(1)) }.first
    guard let (id, position) = found else { return }
    var changed = interface
    changed.pairs = pairs
    try run("DELETE FROM pair WHERE attachment = ?1 AND position = ?2", .integer(id), .integer(position))
    try writePairs(of: changed, attachment: id, position: position)
  }

  func writePairs(of interface: AttachedInterface, attachment: Int64, position: Int64) throws(StoreError) {
    try run(
      "UPDATE interface SET pairs = ?3 WHERE attachment = ?1 AND position = ?2", .integer(attachment),
      .integer(position), .blob(encode(interface.pairs)))
    for pair in interface.pairs {
      let (isShared, isOutside) = (pair.mode == .activeActive, interface.isOutside(pair.prefix))
      try run(
        "INSERT OR REPLACE INTO pair VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", .text(interface.network),
        .integer(isShared || isOutside ? 1 : 0), .blob(encode(pair.prefix)), .integer(attachment), .integer(position),
        .integer(isShared ? 1 : 0), .integer(isOutside ? 1 : 0))
    }
  }
}

extension AttachedInterface {
  /// Whether a prefix is in none of the subnets that the interface has addresses of.
  package func isOutside(_ prefix: IPPrefix) -> Bool {
    !addresses.contains { $0.address.network.length <= prefix.length && $0.address.network.contains(prefix.address) }
  }

  /// The pairs that the network's gateway has to be told of.
  package var routedPairs: [AllowedAddressPair] { pairs.filter { $0.mode == .activeActive || isOutside($0.prefix) } }

  package var hasRoutedPairs: Bool { !routedPairs.isEmpty }

  /// Whether others have to be told of any of its pairs.
  package var hasOutsidePairs: Bool { pairs.contains { isOutside($0.prefix) } }
}

extension Attachment {
  /// Whether others have to be told of any of its pairs.
  package var hasOutsidePairs: Bool { interfaces.contains(where: \.hasOutsidePairs) }
}

// Each pair as: length of the prefix, length of an address in octets, mode and whether there is a MAC, address, MAC.

func encode(_ pairs: [AllowedAddressPair]) -> [UInt8] {
  pairs.flatMap { pair in
    let flags: UInt8 = (pair.mode == .activeActive ? 1 : 0) | (pair.mac == nil ? 0 : 2)
    return [UInt8(pair.prefix.length), UInt8(pair.prefix.address.bytes.count), flags] + pair.prefix.address.bytes
      + (pair.mac?.bytes ?? [])
  }
}

func decodePairs(_ bytes: [UInt8]) -> [AllowedAddressPair] {
  var rest = bytes[...]
  var pairs: [AllowedAddressPair] = []
  while rest.count >= 3 {
    let (length, width, flags) = (rest[rest.startIndex], rest[rest.startIndex + 1], rest[rest.startIndex + 2])
    rest = rest.dropFirst(3)
    guard let address = IPAddress(bytes: rest.prefix(Int(width))), Int(length) <= address.family.bits else { break }
    rest = rest.dropFirst(Int(width))
    var mac: MACAddress?
    if flags & 2 != 0 {
      mac = MACAddress(bytes: rest.prefix(6))
      rest = rest.dropFirst(6)
    }
    pairs.append(
      AllowedAddressPair(
        prefix: IPPrefix(containing: address, length: Int(length)), mac: mac,
        mode: flags & 1 != 0 ? .activeActive : .activeStandby))
  }
  return pairs
}

func encode(_ prefix: IPPrefix) -> [UInt8] { prefix.address.bytes + [UInt8(prefix.length)] }

func decodePrefix(_ bytes: [UInt8]) -> IPPrefix? {
  guard let length = bytes.last, let address = IPAddress(bytes: bytes.dropLast()), Int(length) <= address.family.bits
  else { return nil }
  return IPPrefix(containing: address, length: Int(length))
}
