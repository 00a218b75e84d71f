internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
package import NetworkAddresses

extension NodeKernel {
  /// Who of those that may have an address of an allowed address pair has it, by what the kernel knows.
  ///
  /// - Parameter candidates: ports of the instance with such a pair, the address being that of the pair.
  /// - Returns: those who have it, and how that is known; where nobody can be told, all candidates.
  package func holders(
    of address: IPAddress, among candidates: [TraceEnd], in placed: PlacedInstance
  ) throws(DataplaneError) -> [(end: TraceEnd, how: String)] {
    let hops = try placed.kernel.sharedHops(to: address)
    let sharing = candidates.filter { end in end.port.addresses.contains { hops.contains($0.address) } }
    if !sharing.isEmpty {
      return sharing.map {
        ($0, sharing.count == 1 ? "the gateway's only next hop" : "one of \(sharing.count) next hops")
      }
    }
    if let (mac, how) = try holder(of: address, in: placed) {
      let entry = try placed.kernel.stations(on: placed.bridge).first { $0.mac == mac }
      let name = try entry.flatMap { (entry) throws(DataplaneError) in try placed.kernel.findLink(.index(entry.link)) }?
        .name
      let found = candidates.filter { $0.port.mac == mac || $0.port.hostName == name && $0.port.pairMACs.contains(mac) }
      if !found.isEmpty { return found.map { ($0, how) } }
    }
    var having: [(end: TraceEnd, how: String)] = []
    for end in candidates {
      guard let pod = end.kernel, try pod.lookUp(to: address)?.type == .local else { continue }
      having.append((end, "its namespace has the address, which nobody announced lately"))
    }
    return having.isEmpty ? candidates.map { ($0, "nobody has announced the address lately") } : having
  }

  /// The MAC that an address was announced with last, or that the gateway found it at.
  private func holder(of address: IPAddress, in placed: PlacedInstance) throws(DataplaneError) -> (MACAddress, String)?
  {
    let map = address.family == .v4 ? SourceFilter.holder4 : SourceFilter.holder6
    if case .data(let field)? = try placed.kernel.data(of: SetElement(SetKey(.ip(address))), in: map)?.value,
      let mac = MACAddress(bytes: field.bytes)
    {
      return (mac, "announced last, in map \(SourceFilter.table) \(map.name)")
    }
    return try placed.kernel.neighbor(address, on: placed.bridge).map { ($0, "the gateway's neighbour") }
  }
}
