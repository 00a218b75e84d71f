internal import JSON

/// Keys that generated configurations of the Go plugin carry. They mean nothing here, whatever their values.
private let formerKeys = [
  "vrouter-ip", "vrouter-port", "config-dir", "poll-timeout", "poll-retries", "meta-plugin", "mode", "parent-interface",
]

private let contrailKeys = [
  "cluster-name", "pod-network", "service-network", "mtu", "state-dir", "run-dir", "lock-timeout", "unknown-namespace",
  "log-file", "log-level", "network", "link-local-services", "vif-type", "connection-limit",
  "connection-rate",
]

private let podNetworkKeys = ["ipamV4Subnet", "ipamV4Gateway", "ipamV6Subnet", "ipamV6Gateway", "fabricSNAT"]
private let serviceNetworkKeys = ["ipamV4Subnet", "ipamV6Subnet"]

/// One warning for all former keys, and one for all unknown ones.
func configurationWarnings(_ contrail: JSONField) throws(JSONFieldError) -> [String] {
  let keys = try contrail.object()?.keys ?? []
  let former = keys.filter { formerKeys.contains($0) }
  var unknown = keys.filter { !formerKeys.contains($0) && !contrailKeys.contains($0) }.map { contrail.path + "." + $0 }
  for (key, known) in [("pod-network", podNetworkKeys), ("service-network", serviceNetworkKeys)] {
    let network = try contrail.member(key)
    unknown += try (network.object()?.keys ?? []).filter { !known.contains($0) }.map { network.path + "." + $0 }
  }
  var warnings: [String] = []
  if !former.isEmpty {
    warnings.append("keys of the vRouter agent's plugin are ignored: " + former.joined(separator: ", "))
  }
  if !unknown.isEmpty { warnings.append("unknown keys are ignored: " + unknown.joined(separator: ", ")) }
  return warnings
}
