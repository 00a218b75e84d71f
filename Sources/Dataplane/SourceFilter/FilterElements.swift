internal import LinuxSystem
internal import Netlink
package import NetlinkNetfilter
internal import NetworkAddresses

// Who may send what: one element for each legal pair of port and MAC, and of port, MAC and address.

extension SourceFilter {
  /// The elements of the filter's sets that let these ports send.
  package static func filterElements(of ports: [Port]) -> [(set: NamedSet, elements: [SetElement])] {
    var elements = Elements()
    for port in ports { elements.add(port) }
    return elements.bySet
  }

  private struct Elements {
    private var macs: [SetElement] = []
    private var bindings: [SetElement] = []
    private var bindings6: [SetElement] = []
    private var stations: [SetElement] = []
    private var stations6: [SetElement] = []
    private var hosts: [SetElement] = []
    private var hosts6: [SetElement] = []
    private var prefixes: [SetElement] = []
    private var prefixes6: [SetElement] = []

    mutating func add(_ port: Port) {
      let name = KeyField.interface(port.hostName)
      bind(name, port.mac, port.ownAddresses(with: port.mac))
      for address in port.ownAddresses(with: port.mac) {
        let station = SetElement(SetKey(.ip(address)), .data(.mac(port.mac)))
        if address.family == .v4 { stations.append(station) } else { stations6.append(station) }
      }
      if port.pairs.isEmpty { return }
      for mac in port.pairMACs { bind(name, mac, port.ownAddresses(with: mac)) }
      let pairs = port.pairBindings
      for (mac, address) in pairs.hosts {
        let element = SetElement(name, .mac(mac), .ip(address))
        if address.family == .v4 { hosts.append(element) } else { hosts6.append(element) }
      }
      for (mac, prefix) in pairs.prefixes {
        let elements = prefix.ranges(without: port.routers).map { first, last in
          SetElement(from: SetKey(name, .mac(mac), .ip(first)), through: SetKey(name, .mac(mac), .ip(last)))
        }
        if prefix.family == .v4 { prefixes += elements } else { prefixes6 += elements }
      }
    }

    private mutating func bind(_ name: KeyField, _ mac: MACAddress, _ addresses: [IPAddress]) {
      macs.append(SetElement(name, .mac(mac)))
      for address in addresses {
        let element = SetElement(name, .mac(mac), .ip(address))
        if address.family == .v4 { bindings.append(element) } else { bindings6.append(element) }
      }
    }

    var bySet: [(set: NamedSet, elements: [SetElement])] {
      [
        (l2, macs), (bind4, bindings), (bind6, bindings6), (station4, stations), (station6, stations6),
        (pair4, hosts), (pair6, hosts6), (aap4, prefixes), (aap6, prefixes6),
      ].filter { !$0.1.isEmpty }
    }
  }
}

extension IPPrefix {
  /// The prefix as ranges that leave the gateways out: nobody else speaks for them.
  fileprivate func ranges(without gateways: [IPAddress]) -> [(IPAddress, IPAddress)] {
    var ranges: [(IPAddress, IPAddress)] = []
    var next = first
    func address(_ number: UInt128) -> IPAddress { IPAddress(family: family, number: number) }
    for gateway in gateways.filter({ contains($0) }).map(\.number).sorted() {
      if next < gateway { ranges.append((address(next), address(gateway - 1))) }
      if gateway == last { return ranges }
      next = gateway + 1
    }
    return ranges + [(address(next), address(last))]
  }
}
