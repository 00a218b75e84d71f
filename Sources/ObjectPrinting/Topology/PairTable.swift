package import NetworkAddresses
package import NetworkAttachments

/// What interfaces of a network may use beside their own addresses, by an allowed address pair.
package struct SharedPrefix: Hashable, Sendable {
  /// `namespace/network`.
  package let network: String
  package let prefix: IPPrefix
  package let mode: AllowedAddressPair.AddressMode

  package init(network: String, prefix: IPPrefix, mode: AllowedAddressPair.AddressMode) {
    self.network = network
    self.prefix = prefix
    self.mode = mode
  }
}

/// Which addresses interfaces share, a line for each prefix; empty for none.
///
/// - Parameter interfaces: how many have it.
package func pairTable(_ interfaces: [SharedPrefix: Int]) -> String {
  if interfaces.isEmpty { return "" }
  let sorted = interfaces.sorted { one, other in
    (one.key.network, one.key.prefix.address, one.key.prefix.length)
      < (other.key.network, other.key.prefix.address, other.key.prefix.length)
  }
  var columns = Columns()
  return columns.lines(
    [["NETWORK", "ALLOWED ADDRESS PAIR", "MODE", "INTERFACES"]]
      + sorted.map { [$0.key.network, "\($0.key.prefix)", $0.key.mode.rawValue, "\($0.value)"] })
}
