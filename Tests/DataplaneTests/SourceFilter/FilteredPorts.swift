import Dataplane
import KernelSandbox
import Netlink
import NetlinkNetfilter
import NetworkAddresses

// The ports that the filter knows in the tests.

extension Port {
  /// A port as far as the filter is concerned.
  init(_ hostName: String, _ mac: MACAddress, _ addresses: [IPAddress]) {
    self.init(
      name: "eth0", hostName: hostName, mac: mac, hostMAC: mac, mtu: 1500, group: 1, alias: "",
      addresses: addresses.map { InterfaceAddress($0, prefixLength: $0.family == .v4 ? 12 : 64) }, gateways: [],
      routers: [])
  }
}

extension SourceFilterCases {
  /// In a new network namespace, with the filter for both of the wire's ports or without.
  static func wire(filtered: Bool) throws -> Wire {
    Sandbox.enterNetwork()
    let wire = Wire()
    if filtered { try installFilter() }
    return wire
  }

  /// Installs the filter anew, for both of the wire's ports.
  static func installFilter(
    chains: [SourceFilter.RuleChain] = SourceFilter.chains(.flooded),
    branches: [SourceFilter.Branch] = SourceFilter.branches
  ) throws {
    var transaction = Transaction()
    let ports = [
      Port("vmi1", mac, [.v4(ip), .v6(global)]),
      Port("vmi2", otherMAC, [.v4(otherIP), .v6(other6), .v4(claimed4), .v6(claimed6)]),
    ]
    transaction.delete(SourceFilter.table, ifMissing: .ignore)
    SourceFilter.addTable(to: &transaction, ports: ports, chains: chains, branches: branches)
    allowAddressPairs(&transaction)
    try transaction.commit(on: Connection(opening: .netfilter))
  }

  /// The first port's pairs, with its own MAC and the virtual one: single addresses, prefixes, one of them shared.
  private static func allowAddressPairs(_ transaction: inout Transaction) {
    let port = KeyField.interface("vmi1")
    let table = SourceFilter.table
    transaction.add([SetElement(port, .mac(virtualMAC))], to: SourceFilter.l2, in: table)
    for mac in [mac, virtualMAC] {
      for address in [virtual4, shared4, claimed4] {
        transaction.add(
          [SetElement(port, .mac(mac), in: IPPrefix(containing: .v4(address), length: 32))], to: SourceFilter.aap4,
          in: table)
      }
      for address in [virtual6, shared6, claimed6] {
        transaction.add(
          [SetElement(port, .mac(mac), in: IPPrefix(containing: .v6(address), length: 128))], to: SourceFilter.aap6,
          in: table)
      }
      transaction.add([SetElement(port, .mac(mac), .ip(.v4(host4)))], to: SourceFilter.pair4, in: table)
      transaction.add([SetElement(port, .mac(mac), .ip(.v6(host6)))], to: SourceFilter.pair6, in: table)
    }
    transaction.add(
      [SetElement(in: IPPrefix(containing: .v4(shared4), length: 32))], to: SourceFilter.shared4, in: table)
    transaction.add(
      [SetElement(in: IPPrefix(containing: .v6(shared6), length: 128))], to: SourceFilter.shared6, in: table)
  }
}
