internal import NetworkAddresses
internal import NetworkAttachments

/// One interface that an ADD is to make.
struct InterfacePlan {
  /// The name inside the pod.
  let name: String
  let network: NodeNetwork
  /// How messages call who asks for it; empty for the runtime.
  let source: String
  /// The addresses that were asked for, by family; the other families' are chosen.
  let addresses: [IPFamily: IPAddress]
  /// What asks for them.
  let addressField: String
  let mac: MACAddress?
  /// What it may send beside its own addresses.
  let pairs: [AllowedAddressPair]
  /// The routers of the default routes that leave through this interface.
  var defaultRoutes: [IPFamily: IPAddress]
}
