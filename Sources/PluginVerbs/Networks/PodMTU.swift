internal import CNI
internal import Dataplane
internal import NetworkAttachments

extension Node {
  /// The MTU of pods' interfaces, in bytes: as configured, or that of the default-route interface.
  func podMTU() throws -> UInt32 {
    if configuration.mtu != 0 { return UInt32(configuration.mtu) }
    guard let mtu = try kernel.node.defaultRouteMTU() else {
      throw CNIError(
        .invalidConfiguration, "contrail.mtu: 0 asks for the MTU of the default-route interface, and there is none",
        "expected a number of bytes, or a default route on the node")
    }
    guard mtu >= 1280 || configuration.podNetwork.ipv6Subnet == nil else {
      throw CNIError(
        .invalidConfiguration, "contrail.mtu: 0 means \(mtu), that of the default-route interface",
        "expected at least 1280, because the pod network has an IPv6 subnet")
    }
    return mtu
  }
}
