import Glibc
import JSON

/// What iproute2 says about a namespace, as JSON.
extension NetworkNamespace {
  struct Link {
    var value: JSONValue
    var mac: String { value["address"]?.string ?? "" }
    var mtu: Int64 { value["mtu"]?.integer ?? 0 }
    var isUp: Bool { value["flags"]?.strings.contains("UP") ?? false }
    var master: String? { value["master"]?.string }
    /// `addr/prefix` of each family.
    var addresses: [String] {
      (value["addr_info"]?.array ?? []).map { "\($0["local"]?.string ?? "")/\($0["prefixlen"]?.integer ?? -1)" }
    }
    var tentative: [String] {
      (value["addr_info"]?.array ?? []).filter { $0["tentative"] != nil || $0["dadfailed"] != nil }
        .compactMap { $0["local"]?.string }
    }
  }

  func query(_ command: [String]) throws -> [JSONValue] {
    let text = try Shell.run(command, in: self)
    return text.lines.isEmpty ? [] : try JSONValue(parsing: text).array ?? []
  }

  func links() throws -> [Link] { try query(["ip", "-j", "-d", "addr", "show"]).map(Link.init) }

  func link(_ name: String) throws -> Link? { try links().first { $0.value["ifname"]?.string == name } }

  func linkNames() throws -> [String] { try links().compactMap { $0.value["ifname"]?.string } }

  /// `dst via gateway dev` of one family's main table.
  func routes(_ family: String) throws -> [String] {
    try query(["ip", family, "-j", "route", "show"]).map {
      "\($0["dst"]?.string ?? "") via \($0["gateway"]?.string ?? "-") dev \($0["dev"]?.string ?? "")"
    }
  }
}

extension Node {
  static let bridge = "contrail0"

  /// Waits until every link forwards: until the kernel's link watch has run, an end whose peer came up drops frames.
  func settle() throws {
    for namespace in namespaces where access(namespace.path, F_OK) == 0 { try namespace.settle() }
  }

  /// The same, and until the kernel has found that nobody else has the addresses of IPv6.
  func settleAddresses() throws {
    for namespace in namespaces where access(namespace.path, F_OK) == 0 { try namespace.settleAddresses() }
  }

  /// The host ends of all pods.
  func hostEnds() throws -> [String] { try namespace.linkNames().filter { $0.hasPrefix("vmi") } }

  /// Sends one echo request and says whether the reply came in time.
  func ping(from source: NetworkNamespace, _ address: String, seconds: Int = 10) throws -> Bool {
    if address.contains(":") { try settleAddresses() } else { try settle() }
    return try Shell.attempt(["ping", "-n", "-c", "1", "-W", "\(seconds)", address], in: source).succeeded
  }
}

extension JSONValue {
  /// `ips[].address` of a result of 0.3.0 or newer.
  var addresses: [String] { self["ips"]?.array?.compactMap { $0["address"]?.string } ?? [] }

  /// The first address of a family, without the prefix length.
  func address(_ separator: Character) -> String? {
    addresses.first { $0.contains(separator) }.map { String($0.prefix { $0 != "/" }) }
  }
  var ipv4: String { address(".") ?? "" }
  var ipv6: String { address(":") ?? "" }

  /// The interface that carries the first address.
  var container: JSONValue? { self["ips"]?[0]?["interface"]?.integer.flatMap { self["interfaces"]?[Int($0)] } }
}
