internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

extension Examination {
  /// The recorded routing instances: their namespaces, bridges, rules, parameters, and their ways to others.
  func examineInstances() throws {
    if records.isEmpty { return }
    let wanted = try wantedInstances()
    let rehearsal = try Rehearsal(node.kernel)
    var isWhole = true
    for record in records {
      try node.withInstances([record.name]) {
        // What a call made, or removed, meanwhile.
        guard let record = try node.store.transaction({ try $0.instance(record.name) }) else { return }
        diagnosis.instances += 1
        if !attachments.contains(where: { $0.instanceNames.contains(record.name) }) {
          let isUsed = try node.store.transaction { try $0.isInUse(instance: record.name) }
          if !isUsed { note(Finding(.unusedInstance, "instance \(record.name) holds no pod", .removeUnused)) }
          return
        }
        do {
          guard let placed = try node.open(record) else { return }
          try examine(placed, record, wanted[record.name], rehearsal)
        } catch DataplaneError.foreignPin(let path) {
          noteForeign(record, path)
          isWhole = false
        }
      }
    }
    // The connections of an instance that is not to be seen are not either.
    if let transit, isWhole { try examineTransit(transit, rehearsal) }
  }

  private func examine(
    _ placed: PlacedInstance, _ record: InstanceRecord, _ wanted: WantedInstance?, _ rehearsal: Rehearsal
  ) throws {
    func noteAll(_ kind: Finding.Kind, _ problems: [String]) {
      for problem in problems { note(Finding(kind, "instance \(record.name): \(problem)", .mend)) }
    }
    let isNode = record.placement == .node
    guard let wanted else {
      if isNode {
        let with = isComplete ? "another one than the plugin's" : "not the plugin's: none was found"
        note(
          Finding(
            .configuration, "the configuration is \(with)", remedy: "contrailctl doctor --conf /etc/cni/net.d/FILE"))
      }
      return
    }
    guard let bridge = try placed.kernel.bridgeFound() else {
      return noteAll(.instance, ["bridge \(NodeNames.bridge) is missing"])
    }
    if bridge.index != placed.bridge { noteAll(.instance, ["bridge \(NodeNames.bridge) is another one"]) }
    if wanted.fingerprint != record.fingerprint { noteAll(.outdatedInstance, ["definitions and record differ"]) }
    let gateways = wanted.routing.gatewayAddresses
    let missing = gateways.filter { !bridge.addresses.contains($0) }
    noteAll(.instance, missing.map { "bridge \(NodeNames.bridge) lacks the address \($0)" })
    let foreign = bridge.addresses.filter { !gateways.contains($0) }
    noteAll(.instance, foreign.map { "bridge \(NodeNames.bridge) has the address \($0), which is none of ours" })
    noteAll(.instance, try placed.bridgeProblems(attachedPorts(record, wanted)))
    noteAll(.rules, try rehearsal.ruleProblems(of: wanted.routing, in: placed.kernel))
    try examineEntries(placed, record)
    if isNode {
      let families = Set(wanted.routing.subnets.map(\.prefix.family))
      noteAll(.forwarding, try placed.kernel.forwardingProblems(families))
    } else {
      noteAll(.forwarding, try placed.kernel.settingProblems(of: wanted.routing))
      for table in try placed.kernel.foreignTables() {
        note(
          Finding(
            .foreignTable, "instance \(record.name): table \(table) is none of ours",
            remedy: "nsenter --net=\(record.pin) nft delete table \(table)"))
      }
    }
    guard record.uplink != 0, wanted.uplink != nil else { return }
    let uplink = try node.uplink(record.uplink, of: wanted)
    noteAll(
      .uplink,
      try node.kernel.uplinkProblems(
        of: uplink, in: placed.kernel, node.uplinkSettings, pods: mainAddresses(record, wanted)))
    noteAll(.rules, try rehearsal.ruleProblems(of: uplink, in: placed.kernel, node.uplinkSettings))
  }

  /// Who may send and who is where, of pods that are not there.
  private func examineEntries(_ placed: PlacedInstance, _ record: InstanceRecord) throws {
    let interfaces = attachments.flatMap(\.interfaces).filter { $0.instance == record.name }
    let names = Set(interfaces.map(\.hostName))
    for name in try placed.kernel.permissions().keys.sorted()
    where !names.contains(name) && !placed.kernel.hasAnyLink([name]) {
      note(
        Finding(
          .strayEntry, "instance \(record.name): the filter has elements of \(name), which is gone",
          .removePort(pin: record.pin, name: name)))
    }
    let ports = attachments.flatMap { $0.ports(in: record.name, record.forwardingMode) }
    for problem in try placed.kernel.strayPermissions(of: ports) {
      note(Finding(.rules, "instance \(record.name): \(problem)", .mend))
    }
    let addresses = Set(interfaces.flatMap(\.addresses).map(\.address.address))
    for address in try placed.kernel.staleNeighbors(besides: addresses) {
      note(
        Finding(.strayEntry, "instance \(record.name): \(NodeNames.bridge) knows \(address), which no pod has", .mend))
    }
  }

  private func mainAddresses(_ record: InstanceRecord, _ wanted: WantedInstance) -> [IPAddress] {
    attachedPorts(record, wanted).filter(\.isMain).flatMap(\.addresses).map(\.address)
  }

  private func attachedPorts(_ record: InstanceRecord, _ wanted: WantedInstance) -> [Port] {
    attachments.filter { $0.state == .attached }.flatMap { $0.ports(in: record.name, wanted.routing.mode) }
  }

  private func noteForeign(_ record: InstanceRecord, _ path: String) {
    let pods = attachments.filter { $0.instanceNames.contains(record.name) }.map(\.title)
    guard let identity = record.identity, let process = processSeeing(identity, at: path) else {
      return note(
        Finding(
          .lostNamespace, "\(path) is not the namespace that was pinned there; it is gone",
          remedy: "restart \(pods.joined(separator: ", ")): the instance is made anew when the last of them is gone"))
    }
    note(
      Finding(
        .foreignMount, "\(path) is pinned in the mount namespace of process \(process), not in this one",
        remedy: "nsenter --mount --target \(process) contrailctl doctor"))
  }

  private func examineTransit(_ record: InstanceRecord, _ rehearsal: Rehearsal) throws {
    let connected = try node.store.transaction { try $0.connectedInstances() }
    if connected.isEmpty {
      note(Finding(.transit, "the transit is recorded, and nothing is connected", .removeUnused))
      return
    }
    let found = record.identity.flatMap { try? node.kernel.openTransit(in: node.pins, recorded: $0) }
    guard let transit = found else {
      return note(Finding(.transit, "\(record.pin) is not the namespace that was pinned there", .mend))
    }
    for problem in try transit.problems(node.connections()) + rehearsal.ruleProblems(of: transit) {
      note(Finding(.transit, "transit: \(problem)", .mend))
    }
  }
}

extension Attachment {
  /// How a person calls it.
  var title: String {
    pod.name.isEmpty ? "container \(containerID)" : "pod \(pod.namespace)/\(pod.name)"
  }
}
