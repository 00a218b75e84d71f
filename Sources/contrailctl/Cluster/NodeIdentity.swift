internal import Glibc
internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

/// The node as others know it.
struct NodeIdentity {
  /// The host name.
  let name: String
  /// Of the interface that the default route leaves by, IPv4 before IPv6.
  let address: IPAddress?

  /// This machine, in the network namespace that the process is in.
  static var current: NodeIdentity { NodeIdentity(name: hostName(), address: defaultRouteAddress()) }
}

private func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// `nil` also where the kernel does not say: an address is shown, and nothing depends on it.
private func defaultRouteAddress() -> IPAddress? {
  guard let connection = try? Connection(opening: .route) else { return nil }
  for family in IPFamily.allCases {
    let routes = (try? connection.routes(family: family)) ?? []
    let defaults = routes.filter { $0.destination == nil && $0.table == .main && $0.type == .unicast }
    let best = defaults.min { ($0.priority ?? 0) < ($1.priority ?? 0) }
    guard let best, let link = best.output ?? best.nextHops.first?.output else { continue }
    if let source = best.source { return source }
    let addresses = (try? connection.addresses(family: family, link: link)) ?? []
    let usable = addresses.first { $0.link == link && $0.scope == .universe }
    if let usable { return usable.address.address }
  }
  return nil
}
