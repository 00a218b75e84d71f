internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import ObjectStore

// The routes of running pods to what their instance imports.

extension Node {
  /// Makes the pods' routes to what their instance imports what they should be.
  ///
  /// - Parameters:
  ///   - instance: its namespace, where the pods' host ends are.
  ///   - former: the networks that they have routes to now; `nil` has the kernel asked.
  /// - Returns: the pods that could not be told, and why.
  func updateRoutes(
    of attachments: [Attachment], in wanted: WantedInstance, _ instance: KernelNamespace, from former: [IPPrefix]? = nil
  ) -> [String] {
    let reached = wanted.reachedPrefixes
    var failures: [String] = []
    for attachment in attachments {
      do { try updateRoutes(of: attachment, in: wanted, instance, from: former, to: reached) } catch {
        let error = CNIError(converting: error)
        let reason = error.details.isEmpty ? error.message : "\(error.message): \(error.details)"
        failures.append("\(attachment.title): \(reason)")
      }
    }
    return failures
  }

  private func updateRoutes(
    of attachment: Attachment, in wanted: WantedInstance, _ instance: KernelNamespace, from former: [IPPrefix]?,
    to prefixes: [IPPrefix]
  ) throws {
    let ports = attachment.ports(in: wanted.name, wanted.routing.mode)
    guard let pod = try kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace) else {
      // A link goes with its peer: a pod that has none is gone, and needs no routes.
      guard instance.hasAnyLink(ports.map(\.hostName)) else { return }
      throw CNIError(
        .invalidNetworkNamespace,
        "\(attachment.namespacePath) is not its network namespace, or cannot be seen from here",
        """
        in network \(wanted.name) it keeps the routes that it has, and should have \(summary(of: prefixes)): \
        run contrailctl doctor --fix where the runtime's namespaces are mounted
        """)
    }
    for port in ports {
      try kernel.updateRoutes(
        in: pod, interface: port.name, gateways: port.importRouters, from: former, to: prefixes)
    }
  }

  /// A mesh of hundreds of networks is no line for a person.
  private func summary(of prefixes: [IPPrefix]) -> String {
    if prefixes.isEmpty { return "none to other networks" }
    let limit = 4
    let more = prefixes.count > limit ? " and \(prefixes.count - limit) more" : ""
    return "those to " + prefixes.prefix(limit).map(\.description).joined(separator: ", ") + more
  }
}
