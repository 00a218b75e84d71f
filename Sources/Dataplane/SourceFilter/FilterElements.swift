internal import LinuxSystem
internal import Netlink
package import NetlinkNetfilter
internal import NetworkAddresses

// Who may send what: one element for each legal pair of port and MAC, and of port, MAC and address.

extension SourceFilter {
  /// The elements of the filter's sets that let these ports send.
  package static func filterElements(of ports: [Port]) -> [(set: NamedSet, elements: [SetElement])] {
    var macs: [SetElement] = []
    var bindings4: [SetElement] = []
    var bindings6: [SetElement] = []
    var stations4: [SetElement] = []
    var stations6: [SetElement] = []
    for port in ports {
      let name = KeyField.interface(port.hostName)
      macs.append(SetElement(name, .mac(port.mac)))
      for address in port.addresses.map(\.address) + [.v6(.linkLocal(from: port.mac))] {
        let element = SetElement(name, .mac(port.mac), .ip(address))
        let station = SetElement(SetKey(.ip(address)), .data(.mac(port.mac)))
        if address.family == .v4 { bindings4.append(element) } else { bindings6.append(element) }
        if address.family == .v4 { stations4.append(station) } else { stations6.append(station) }
      }
    }
    return [
      (l2, macs), (bind4, bindings4), (bind6, bindings6), (station4, stations4), (station6, stations6),
    ].filter { !$0.1.isEmpty }
  }
}

extension KernelNamespace {
  /// Lets the ports send, before they exist.
  func admit(_ ports: [Port]) throws(DataplaneError) {
    var transaction = Transaction()
    for (set, elements) in SourceFilter.filterElements(of: ports) {
      transaction.add(elements, to: set, in: SourceFilter.table)
    }
    let connection = try netfilter()
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch {
      if error.errno == .noSuchFile { throw .instanceMissing }
      throw .netlink(error)
    }
  }

  /// Takes the ports' permission back; what is not there is nothing to take.
  func dismiss(_ ports: [Port]) throws(DataplaneError) {
    let connection = try netfilter()
    for missing in [MissingObject.fail, .ignore] {
      var transaction = Transaction()
      for (set, elements) in SourceFilter.filterElements(of: ports) {
        transaction.delete(elements, from: set, in: SourceFilter.table, ifMissing: missing)
      }
      do {
        try transaction.commit(on: connection)
        return
      } catch {
        // At first it may be an element that is missing, and then it is the table.
        if error.errno != .noSuchFile { throw .netlink(error) }
      }
    }
  }
}
