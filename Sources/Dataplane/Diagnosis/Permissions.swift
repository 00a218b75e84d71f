internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
package import NetworkAddresses

/// What the filter lets a port send.
package struct Permission: Equatable, Sendable {
  package var addresses: [(mac: MACAddress, address: IPAddress)] = []
  package var pairs: [(mac: MACAddress, first: IPAddress, last: IPAddress)] = []

  package static func == (one: Permission, other: Permission) -> Bool {
    one.addresses.map(\.address) == other.addresses.map(\.address) && one.pairs.map(\.first) == other.pairs.map(\.first)
  }
}

extension KernelNamespace {
  /// What the filter lets each port send, by the ports' names.
  package func permissions() throws(DataplaneError) -> [String: Permission] {
    var found: [String: Permission] = [:]
    for set in [SourceFilter.l2] + SourceFilter.bindings + SourceFilter.pairSets {
      for element in try elements(of: set) {
        let key = element.key.bytes
        let name = String(decoding: key.prefix(16).prefix { $0 != 0 }, as: UTF8.self)
        var permission = found[name] ?? Permission()
        if let mac = MACAddress(bytes: key.dropFirst(16).prefix(6)), let first = IPAddress(bytes: key.dropFirst(24)) {
          if SourceFilter.bindings.contains(set) {
            permission.addresses.append((mac, first))
          } else {
            let last = element.end.flatMap { IPAddress(bytes: $0.bytes.dropFirst(24)) } ?? first
            permission.pairs.append((mac, first, last))
          }
        }
        found[name] = permission
      }
    }
    return found
  }

  /// What the filter lets these ports send, or sends to them, that nobody declared: elements that were added by hand.
  package func strayPermissions(of ports: [Port]) throws(DataplaneError) -> [String] {
    let names = Set(ports.map { KeyField.interface($0.hostName).bytes })
    let declared = Dictionary(SourceFilter.filterElements(of: ports).map { ($0.set, Set($0.elements)) }) { $1 }
    var found: [String] = []
    for set in [SourceFilter.l2] + SourceFilter.bindings + SourceFilter.pairSets {
      for element in try elements(of: set)
      where names.contains(Array(element.key.bytes.prefix(16))) && declared[set]?.contains(element) != true {
        let name = String(decoding: element.key.bytes.prefix { $0 != 0 }, as: UTF8.self)
        let mac = MACAddress(bytes: element.key.bytes.dropFirst(16).prefix(6)).map { ", MAC \($0)" } ?? ""
        let address = IPAddress(bytes: element.key.bytes.dropFirst(24)).map { ", address \($0)" } ?? ""
        found.append(
          "set \(SourceFilter.table) \(set.name) has an element of \(name) that is none of ours\(mac)\(address)")
      }
    }
    for map in [SourceFilter.station4, SourceFilter.station6] {
      for element in try elements(of: map) where declared[map]?.contains(element) != true {
        let address = IPAddress(bytes: element.key.bytes).map { "\($0)" } ?? "?"
        found.append("map \(SourceFilter.table) \(map.name) leads \(address) elsewhere")
      }
    }
    return found
  }

  /// The prefixes that several ports have at once, as ranges.
  package func sharedRanges() throws(DataplaneError) -> [(first: IPAddress, last: IPAddress)] {
    var found: [(IPAddress, IPAddress)] = []
    for set in [SourceFilter.shared4, SourceFilter.shared6] {
      for element in try elements(of: set) {
        guard let first = IPAddress(bytes: element.key.bytes), let end = element.end,
          let last = IPAddress(bytes: end.bytes)
        else { continue }
        found.append((first, last))
      }
    }
    return found
  }
}

extension SourceFilter {
  static let bindings = [bind4, bind6]
  static let pairSets = [pair4, pair6, aap4, aap6]
}
