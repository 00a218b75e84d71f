internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// STATUS: whether an ADD would find what it needs. Touches no pod.
  func status(_ call: PluginCall) throws {
    try locks.makeDirectory()
    try store.transaction { _ in }
    if call.contrail.mtu == 0, try kernel.node.defaultRouteMTU() == nil {
      throw CNIError(.invalidConfiguration, "contrail.mtu: 0 needs a default route on the node, and there is none")
    }
    for chain in try kernel.node.blockingForwardChains(thorough: true) { warn(aboutBlocking: chain) }
  }

  /// Says in the log whose rules keep pods from being forwarded.
  func reportBlockingChains() {
    do {
      for chain in try kernel.node.blockingForwardChains(thorough: false) { warn(aboutBlocking: chain) }
    } catch {
      log.write(.warning, "cannot look for chains that block", ["reason": "\(error)"])
    }
  }

  private func warn(aboutBlocking chain: String) {
    log.write(
      .warning, "forwarded traffic of pods is dropped unless a rule of this chain accepts it",
      ["chain": chain, "remedy": "the firewall plugin in the chain of plugins"])
  }
}
