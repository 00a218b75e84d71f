import Glibc
import LinuxSystem
import Testing

/// The same for a pod with four interfaces: one in a network that others are connected with, which it makes, so that the
/// transit comes; one with an uplink; one with allowed address pairs that the gateways and pods of other networks are told
/// of. Whatever request to the kernel fails, an ADD leaves nothing behind or has succeeded, and a DEL finishes the rest.
@Suite struct SeveralNetworksFaultTests {
  @Test func add() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let (resident, pod) = try node.severalNetworks()
        let baseline = try node.steadyBaseline(after: pod)
        try sweep("ADD to several networks", KernelFaultTests.errnos.map { Errno(rawValue: $0) }, atLeast: 80) { plan in
          do {
            try node.add(pod, plan)
            try node.delete(pod)
          } catch {
            if !plan.wasHit { throw error }
          }
          try node.expect(baseline, "\(plan)")
        }
        try node.delete(resident)
      })
  }

  @Test func delete() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let (resident, pod) = try node.severalNetworks()
        let baseline = try node.steadyBaseline(after: pod)
        try sweep("DEL from several networks", KernelFaultTests.refusals.map { Errno(rawValue: $0) }, atLeast: 40) {
          plan in
          try node.add(pod)
          do { try node.delete(pod, plan) } catch { try node.delete(pod) }
          try node.expect(baseline, "\(plan)")
        }
        try node.delete(resident)
      })
  }

  /// Nothing that the kernel is asked for succeeds any more, from some step on; the next DEL finds all of it.
  @Test func addWithoutUndo() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let (resident, pod) = try node.severalNetworks()
        let baseline = try node.steadyBaseline(after: pod)
        try sweep("ADD to several networks, then DEL", [.noBufferSpace, .busy], isLasting: true, atLeast: 80) { plan in
          do { try node.add(pod, plan) } catch { if !plan.wasHit { throw error } }
          try node.delete(pod)
          try node.expect(baseline, "\(plan)")
        }
        try node.delete(resident)
      })
  }
}

extension TestNode {
  /// A pod that stays, attached to one network, and one that comes and goes in three others and in this one.
  fileprivate func severalNetworks() throws -> (resident: TestPod, pod: TestPod) {
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
  fileprivate func steadyBaseline(after pod: TestPod) throws -> Snapshot {
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
}
