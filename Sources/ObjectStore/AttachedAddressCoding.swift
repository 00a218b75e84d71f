internal import NetworkAddresses

// Addresses as one column.

/// Each address as: length of the prefix, length of an address in octets, kind of default route, address, gateway, and
/// the router where the default route does not lead to the gateway.
func encode(_ addresses: [AttachedAddress]) -> [UInt8] {
  addresses.flatMap { entry in
    let address = entry.address.address.bytes
    let route: DefaultRoute =
      if let router = entry.defaultRouter { router == entry.gateway ? .gateway : .other } else { .none }
    return [UInt8(entry.address.prefixLength), UInt8(address.count), route.rawValue] + address + entry.gateway.bytes
      + (route == .other ? entry.defaultRouter?.bytes ?? [] : [])
  }
}

private enum DefaultRoute: UInt8 {
  case none = 0
  case gateway = 1
  case other = 2
}

func decodeAddresses(_ bytes: [UInt8]) -> [AttachedAddress] {
  var rest = bytes[...]
  var addresses: [AttachedAddress] = []
  while rest.count >= 3 {
    let length = Int(rest[rest.startIndex])
    let width = Int(rest[rest.startIndex + 1])
    let route = DefaultRoute(rawValue: rest[rest.startIndex + 2]) ?? .none
    rest = rest.dropFirst(3)
    guard let address = IPAddress(bytes: rest.prefix(width)), length <= address.family.bits,
      let gateway = IPAddress(bytes: rest.dropFirst(width).prefix(width))
    else { break }
    rest = rest.dropFirst(2 * width)
    let router: IPAddress?
    switch route {
    case .none: router = nil
    case .gateway: router = gateway
    case .other:
      router = IPAddress(bytes: rest.prefix(width))
      rest = rest.dropFirst(width)
    }
    addresses.append(
      AttachedAddress(
        address: InterfaceAddress(address, prefixLength: length), gateway: gateway, defaultRouter: router))
  }
  return addresses
}
