import Glibc
import LinuxSystem
import NodeHarness

/// Runs `body` with the pod that comes and goes, and what there is without it.
func withSeveralNetworks(_ body: (TestNode, TestPod, Snapshot) throws -> Void) throws {
  let node = try TestNode()
  let (resident, pod) = try node.severalNetworks()
  try body(node, pod, node.steadyBaseline(after: pod))
  try node.delete(resident)
}

extension TestNode {
  /// A pod that stays, attached to one network, and one that comes and goes in three others and in this one.
  func severalNetworks() throws -> (resident: TestPod, pod: TestPod) {
    try define(
      """
      {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "lab"}}
      ---
      \(definition("red", #"{"ipamV4Subnet": "172.16.1.0/24", "routeTargetList": ["target:1:1"]}"#))
      ---
      \(definition("blue", #"{"ipamV4Subnet": "172.16.2.0/24", "routeTargetList": ["target:1:1"]}"#))
      ---
      \(definition("green", #"{"ipamV4Subnet": "172.16.3.0/24", "fabricSNAT": true}"#))
      """)
    var resident = try makePod("resident")
    resident.networks = #"[{"name": "red"}]"#
    var pod = try makePod("pod")
    pod.networks = """
      [{"name": "blue"}, {"name": "green"}, {"name": "red", "cni-args":
        {"net.juniper.contrail.allowedAddressPairs": [{"ip": "172.16.1.224/28", "addressMode": "active-active"},
        {"ip": "192.168.50.0/24", "addressMode": "active-active"}]}}]
      """
    try add(resident)
    return (resident, pod)
  }

  /// The resident's interfaces have link-local addresses of the kernel's, which take their time.
  func steadyBaseline(after pod: TestPod) throws -> Snapshot {
    _ = try baseline(after: pod)
    try becomeSteady()
    return try Snapshot(self)
  }

  private func definition(_ name: String, _ properties: String) -> String {
    let escaped = properties.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
    return """
      {"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition", "metadata": {"name": "\(name)",
       "namespace": "lab", "annotations": {"juniper.net/networks": "\(escaped)"}},
       "spec": {"config": "{\\"type\\": \\"contrail-k8s-cni\\"}"}}
      """
  }

  /// Those who stay are told of gone pairs by the next ADD where the last call could not, which its log says.
  func makeUpForPairs(of pod: TestPod) throws {
    let text = log
    try writeFile(logFile, "")
    guard text.contains("cannot withdraw routes") || text.contains("a pod's routes could not be changed") else {
      return
    }
    try add(pod)
    try delete(pod)
  }
}
