internal import CNI
internal import JSON
internal import NetworkAddresses

// What holds for every subnet that pods get addresses from.

func checkPodSubnet(_ subnet: IPPrefix?, _ field: JSONField) throws(JSONFieldError) {
  guard let subnet else { return }
  guard subnet.family.bits - subnet.length >= 2 else {
    let limit = subnet.family.bits - 2
    throw field.error(
      expected: "a network of /\(limit) or shorter: /\(subnet.length) has no room for gateway and pod")
  }
  try checkSubnetRange(subnet, field)
}

func checkGateway(_ gateway: IPAddress?, _ subnet: IPPrefix?, _ field: JSONField) throws(JSONFieldError) {
  guard let gateway else { return }
  guard let subnet else { throw field.error(expected: "nothing here, because the network has no such subnet") }
  guard subnet.contains(gateway) else { throw field.error(expected: "an address in \(subnet)") }
  // IPv6 has no broadcast address, but its first address is that of the subnet's routers (RFC 4291, 2.6.1).
  let isBroadcast = gateway.family == .v4 && gateway.number == subnet.last
  guard gateway.number != subnet.first && !isBroadcast else {
    throw field.error(expected: "an address in \(subnet) that a host can have")
  }
}

func checkSubnetRange(_ subnet: IPPrefix?, _ field: JSONField) throws(JSONFieldError) {
  guard let subnet else { return }
  for (range, meaning) in unusableRanges where range.overlaps(subnet) {
    throw field.error(expected: "a network outside \(range) (\(meaning))")
  }
}

private let unusableRanges: [(IPPrefix, String)] = [
  (IPPrefix(containing: .v4(IPv4Address(rawValue: 0)), length: 8), "this network"),
  (IPPrefix(containing: .v4(IPv4Address(rawValue: 0x7f00_0000)), length: 8), "loopback"),
  (IPPrefix(containing: .v4(IPv4Address(rawValue: 0xa9fe_0000)), length: 16), "link-local"),
  (IPPrefix(containing: .v4(IPv4Address(rawValue: 0xe000_0000)), length: 3), "multicast and reserved"),
  (IPPrefix(containing: .v6(IPv6Address(rawValue: 0)), length: 64), "loopback and IPv4-mapped"),
  (IPPrefix(containing: .v6(IPv6Address(rawValue: 0xfe80 << 112)), length: 10), "link-local"),
  (IPPrefix(containing: .v6(IPv6Address(rawValue: 0xff00 << 112)), length: 8), "multicast"),
]
