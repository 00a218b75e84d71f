import JSON

extension Node {
  /// The network configuration of these tests: dual stack, everything in the node's own directory.
  func configuration(version: String = "1.1.0", name: String = "k8s-pod-network") -> JSONValue {
    [
      "cniVersion": .string(version), "name": .string(name), "type": "contrail-k8s-cni",
      "capabilities": ["io.kubernetes.cri.pod-annotations": true],
      "contrail": contrail,
    ]
  }

  var contrail: JSONValue {
    [
      "run-dir": .string(runDirectory), "state-dir": .string(stateDirectory), "log-file": .string(logFile),
      "pod-network": ["ipamV4Subnet": "10.32.0.0/12", "ipamV6Subnet": "fd00:10:32::/64"],
    ]
  }

  /// The configuration with one key of its `contrail` object replaced or, with `nil`, removed; `path` may go down with dots.
  func configuration(contrail path: String, _ value: JSONValue?) -> JSONValue {
    configuration().setting("contrail." + path, value)
  }

  /// As a runtime passes the pod's annotations.
  func configuration(annotations: JSONValue) -> JSONValue {
    configuration().setting("runtimeConfig", ["io.kubernetes.cri.pod-annotations": annotations])
  }
}
