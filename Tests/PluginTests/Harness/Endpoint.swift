import Glibc
import JSON
import Testing

/// A pod's addresses as bytes, for frames built by hand.
struct Endpoint: Sendable {
  var mac: [UInt8]
  var ipv4: [UInt8]
  var ipv6: [UInt8]
  var linkLocal: [UInt8]

  init(_ result: JSONValue) throws {
    let text = try #require(result.container?["mac"]?.string)
    mac = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
    ipv4 = octets(result.ipv4)
    ipv6 = octets(result.ipv6)
    linkLocal = octets(eui64LinkLocal(text))
  }

  /// An interface in any network, by its two addresses.
  init(_ addresses: [String], mac text: String) throws {
    mac = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
    ipv4 = octets(try #require(addresses.first { $0.contains(".") }))
    ipv6 = octets(try #require(addresses.first { $0.contains(":") }))
    linkLocal = octets(eui64LinkLocal(text))
  }

  /// The default network's gateway.
  static let gatewayMAC: [UInt8] = [0, 0, 0x5e, 0, 1, 0]
  static let gatewayIPv4 = octets("10.32.0.1")
  static let gatewayIPv6 = octets("fd00:10:32::1")
}

/// An address of either family in network order.
func octets(_ text: String) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: text.contains(":") ? 16 : 4)
  precondition(inet_pton(text.contains(":") ? AF_INET6 : AF_INET, text, &bytes) == 1, "not an address: \(text)")
  return bytes
}
