internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Examination {
  /// The recorded attachments, each while nobody works on its container.
  func examineAttachments() throws {
    if attachments.isEmpty { return }
    let wanted = try wantedInstances()
    let rehearsal = try Rehearsal(node.kernel)
    for attachment in attachments {
      guard let lock = try node.locks.containerIfFree(attachment.containerID) else {
        diagnosis.busy.append(attachment.title)
        continue
      }
      defer { extendLifetime(lock) }
      let found = try node.leftover(containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      guard let found else {
        // Its DEL is over; the file that it removed is this look's own.
        try lock.removeFile()
        continue
      }
      diagnosis.attachments += 1
      try node.withInstances(found.attachment.instanceNames) { try examine(found, wanted, rehearsal) }
    }
  }

  private func examine(_ found: Leftover, _ wanted: [String: WantedInstance], _ rehearsal: Rehearsal) throws {
    let attachment = found.attachment
    let removal = Treatment.cleanUp(containerID: attachment.containerID, interfaceName: attachment.interfaceName)
    let object = "\(attachment.title) (\(attachment.interfaceName))"
    if attachment.state == .pending {
      return note(Finding(.unfinished, "\(object) was not attached to the end", removal))
    }
    var ports: [PlacedPort] = []
    for record in found.instances {
      guard let instance = try? node.open(record) else { continue }
      ports += attachment.ports(in: record.name, record.forwardingMode).map { PlacedPort($0, in: instance) }
    }
    guard let pod = try node.kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace) else {
      return noteGone(object, attachment, ports, removal)
    }
    for problem in try node.kernel.nodeProblems(of: ports) {
      // One finding for all pods of the network.
      if problem.hasPrefix("bridge ") { continue }
      // A host end went with its peer, and what was in the pod cannot be made from here.
      let isGone = problem.hasPrefix("host end ") && problem.hasSuffix(" is missing")
      let title = "\(object): \(problem)"
      note(isGone ? Finding(.attachment, title, remedy: attachment.restart) : Finding(.attachment, title, .mend))
    }
    for problem in try node.kernel.podProblems(of: ports.map(\.port), in: pod) {
      note(Finding(.podInside, "\(object): \(problem)", remedy: attachment.restart))
    }
    // Without all of its ports nobody can say what bounds the pod.
    if pod.identity != node.kernel.node.identity, ports.count == attachment.interfaces.count {
      let limit = Treatment.limitNeighbors(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      for problem in try rehearsal.ruleProblems(of: ports.map(\.port), in: pod) {
        note(Finding(.rules, "\(object): inside the pod: \(problem)", limit))
      }
    }
    for record in found.instances {
      guard let wanted = wanted[record.name] else { continue }
      for port in attachment.ports(in: record.name, wanted.routing.mode) {
        let problems = try node.kernel.routeProblems(
          in: pod, interface: port.name, gateways: port.importRouters, prefixes: wanted.reachedPrefixes)
        for problem in problems { note(Finding(.podRoute, "\(object): \(problem)", .mend)) }
      }
    }
  }

  /// A link goes with its peer: a pod that has one lives, wherever its namespace is.
  private func noteGone(_ object: String, _ attachment: Attachment, _ ports: [PlacedPort], _ removal: Treatment) {
    let path = attachment.namespacePath
    if ports.contains(where: { $0.instance.kernel.hasAnyLink([$0.port.hostName]) }) {
      note(
        Finding(
          .podInside, "\(object): \(path) is not its namespace, or cannot be seen from here, and the pod lives",
          remedy: "run doctor where the runtime's namespaces are mounted; if they are: \(attachment.restart)"))
    } else {
      note(Finding(.podGone, "\(object): its namespace \(path) is gone", removal))
    }
  }
}

extension Attachment {
  fileprivate var restart: String {
    pod.name.isEmpty
      ? "remove container \(containerID), so that its runtime starts it again"
      : "kubectl delete pod -n \(pod.namespace) \(pod.name)"
  }
}
