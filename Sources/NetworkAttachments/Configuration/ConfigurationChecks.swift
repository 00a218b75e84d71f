internal import CNI
internal import JSON
internal import NetworkAddresses

/// What the keys must not say together.
extension ContrailConfiguration {
  func checkAddresses(_ contrail: JSONField) throws(CNIError) {
    try readingConfiguration { () throws(JSONFieldError) in
      let pods = try contrail.member("pod-network")
      let services = try contrail.member("service-network")
      try checkPodSubnets(pods)
      try checkSubnetRange(serviceNetwork.ipv4Subnet, services.member("ipamV4Subnet"))
      try checkSubnetRange(serviceNetwork.ipv6Subnet, services.member("ipamV6Subnet"))
      try checkOverlap(podNetwork.ipv4Subnet, serviceNetwork.ipv4Subnet, pods, services, key: "ipamV4Subnet")
      try checkOverlap(podNetwork.ipv6Subnet, serviceNetwork.ipv6Subnet, pods, services, key: "ipamV6Subnet")
      if podNetwork.ipv6Subnet != nil && mtu != 0 && mtu < 1280 {
        throw try contrail.member("mtu").error(expected: "at least 1280, because the pod network has an IPv6 subnet")
      }
    }
  }

  private func checkPodSubnets(_ pods: JSONField) throws(JSONFieldError) {
    if podNetwork.ipv4Subnet == nil && podNetwork.ipv6Subnet == nil {
      throw pods.error(expected: "a subnet under ipamV4Subnet or ipamV6Subnet: without one no pod has an address")
    }
    try checkPodSubnet(podNetwork.ipv4Subnet, pods.member("ipamV4Subnet"))
    try checkPodSubnet(podNetwork.ipv6Subnet, pods.member("ipamV6Subnet"))
    try checkGateway(
      podNetwork.ipv4Gateway.map { .v4($0) }, podNetwork.ipv4Subnet, pods.member("ipamV4Gateway"))
    try checkGateway(
      podNetwork.ipv6Gateway.map { .v6($0) }, podNetwork.ipv6Subnet, pods.member("ipamV6Gateway"))
  }

  private func checkOverlap(
    _ podSubnet: IPPrefix?, _ serviceSubnet: IPPrefix?, _ pods: JSONField, _ services: JSONField, key: String
  ) throws(JSONFieldError) {
    guard let podSubnet, let serviceSubnet, podSubnet.overlaps(serviceSubnet) else { return }
    let (podField, serviceField) = (try pods.member(key), try services.member(key))
    // The one that is written is at fault; the other may be a default.
    if serviceField.isAbsent {
      throw podField.error(
        expected: "a network that does not overlap \(serviceField.path), by default \(serviceSubnet)")
    }
    throw serviceField.error(expected: "a network that does not overlap \(podField.path), which is \(podSubnet)")
  }
}
