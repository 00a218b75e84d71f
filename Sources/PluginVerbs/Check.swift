internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import ObjectStore

extension Node {
  /// CHECK: the attachment is recorded, and the kernel has what ADD made.
  func check(_ call: PluginCall) throws {
    guard let previous = try call.network.previousResult() else {
      throw CNIError(.invalidConfiguration, "prevResult: (none) is not valid", "expected the result of the ADD")
    }
    try locks.makeDirectory()
    let lock = try locks.container(call.containerID)
    defer { extendLifetime(lock) }
    let recorded: Leftover
    do { recorded = try self.recorded(call) } catch {
      // Nobody will ask for the lock of a container that was never added.
      if (error as? CNIError)?.code == .unknownContainer { try? lock.removeFile() }
      throw error
    }
    let attachment = recorded.attachment
    log.networks = attachment.interfaces.map(\.network)
    try compare(previous, with: attachment)
    guard let pod = try kernel.namespace(at: call.environment.netns, recorded: attachment.namespace) else {
      throw CNIError(
        .checkFailed, "CNI_NETNS: \(call.environment.netns) is not the namespace that was attached",
        "ADD was called for \(attachment.namespacePath)")
    }
    let expected = attachment.expecting(previous)
    var ports: [PlacedPort] = []
    var routed: [(instance: PlacedInstance, pairs: [PairRoute])] = []
    for record in recorded.instances {
      guard let instance = try open(record) else { continue }
      ports += expected.ports(in: record.name, record.forwardingMode).map { PlacedPort($0, in: instance) }
      if attachment.interfaces.contains(where: { $0.instance == record.name && $0.hasRoutedPairs }) {
        routed.append((instance, try pairRoutes(of: record.name)))
      }
    }
    var problems = try kernel.problems(of: ports, in: pod)
    for (instance, pairs) in routed { problems += try instance.pairProblems(pairs) }
    if ports.count < attachment.interfaces.count { problems.append("a routing instance is not recorded any more") }
    guard problems.isEmpty else {
      throw CNIError(
        .checkFailed, "container \(call.containerID): " + problems[0], problems.dropFirst().joined(separator: "; "))
    }
  }

  private func recorded(_ call: PluginCall) throws -> Leftover {
    let found = try leftover(containerID: call.containerID, interfaceName: call.interfaceName)
    guard let found, found.attachment.state == .attached else {
      throw CNIError(
        .unknownContainer, "CNI_CONTAINERID: \(call.containerID) has no \(call.interfaceName) attached", "run ADD first"
      )
    }
    return found
  }

  /// The runtime must still mean what ADD made: our interface and its addresses are in its result.
  private func compare(_ previous: CNIResult, with attachment: Attachment) throws(CNIError) {
    for address in attachment.interfaces.first?.addresses ?? []
    where !previous.ips.contains(where: { $0.address.address == address.address.address }) {
      throw CNIError(
        .checkFailed, "prevResult.ips lacks \(address.address), which container \(attachment.containerID) was given")
    }
  }
}

extension Attachment {
  /// The attachment with the MACs that the runtime's result shows: a later plugin of the chain may have set others.
  fileprivate func expecting(_ result: CNIResult) -> Attachment {
    var changed = self
    for index in changed.interfaces.indices {
      let name = changed.interfaces[index].name
      let shown = result.interfaces.first { $0.name == name && $0.sandbox?.isEmpty == false }
      if let mac = shown.flatMap({ MACAddress($0.mac) }) { changed.interfaces[index].mac = mac }
    }
    return changed
  }
}
