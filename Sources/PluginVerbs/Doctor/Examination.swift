internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import ObjectStore
internal import SQLite

/// One look at everything. Nothing is changed, and nothing is waited for but the locks of calls that make instances.
final class Examination {
  let node: Node
  let isComplete: Bool
  var diagnosis = Diagnosis()
  /// What is recorded; nothing where there is no store.
  private(set) var attachments: [Attachment] = []
  private(set) var records: [InstanceRecord] = []
  private(set) var transit: InstanceRecord?

  init(_ node: Node, isComplete: Bool) {
    self.node = node
    self.isComplete = isComplete
  }

  func run() throws -> Diagnosis {
    examineFiles()
    try examineNode()
    guard try readRecords() else { return diagnosis }
    try examinePorts()
    try examineLocks()
    try examineInstances()
    try examineAttachments()
    return diagnosis
  }

  func note(_ finding: Finding) { diagnosis.findings.append(finding) }

  /// What the recorded instances should be, by their names.
  func wantedInstances() throws -> [String: WantedInstance] {
    try Dictionary(node.changedInstances(of: nil, true).map { ($0.record.name, $0.wanted) }) { $1 }
  }

  /// - Returns: whether the rest can be looked at.
  private func readRecords() throws -> Bool {
    // Whoever only looks makes no store.
    guard isThere(node.store.path) else { return true }
    var owners: [String] = []
    do {
      try node.store.transaction { transaction in
        attachments = try transaction.attachments()
        records = try transaction.instances().compactMap { try transaction.instance($0) }
        transit = try transaction.instance(InstanceRecord.transit)
        owners = try transaction.ownersWithoutAttachment()
      }
    } catch StoreError.corrupt(let path, let cause) {
      note(Finding(.damagedStore, "\(path): \(cause.message)", .replaceStore))
      return false
    }
    for owner in owners {
      note(Finding(.leakedAddress, "addresses of container \(owner)", .releaseAddresses(owner: owner)))
    }
    let user = records.filter { $0.placement != .node }
    if !user.isEmpty, !isThere(node.definitions.path) {
      note(
        Finding(
          .lostDefinitions,
          "\(node.definitions.path) is not there, and pods are in " + user.map(\.name).joined(separator: ", "),
          remedy: "contrailctl apply -f YOUR-MANIFESTS"))
    }
    return true
  }

  func isThere(_ path: String) -> Bool { (try? FileStatus(ofLink: path)) != nil }

  // MARK: The node

  private func examineNode() throws {
    let rehearsal = try Rehearsal(node.kernel)
    for refused in rehearsal.missingFeatures(ConnectionLimit(node.configuration)) {
      note(
        Finding(
          .kernelFeature, "the kernel refuses \(refused)",
          remedy: "modprobe -a bridge veth nf_tables nft_fib_inet nft_masq nft_nat nf_conntrack nft_connlimit "
            + "nft_limit nft_numgen"))
    }
    guard node.kernel.node.hasAnyLink([NodeNames.bridge]) else { return }
    let filtering = try node.kernel.node.bridgeFiltering()
    for chain in try node.kernel.node.blockingForwardChains(thorough: true) {
      let also = filtering?.isOn == true ? ", also between pods of the node (bridge-nf-call-iptables is 1)" : ""
      note(
        Finding(
          .foreignChain, "chain \(chain) drops what no rule of it accepts\(also)",
          remedy:
            "chain the plugin firewall after this one, or: nft insert rule \(chain) iifname \(NodeNames.bridge) accept; "
            + "nft insert rule \(chain) oifname \(NodeNames.bridge) accept"))
    }
    if let filtering, filtering.hasServices, !filtering.isOn {
      note(
        Finding(
          .bridgeFilter, "net/bridge/bridge-nf-call-iptables is 0 and kube-proxy is here",
          remedy: "sysctl -w net.bridge.bridge-nf-call-iptables=1"))
    }
  }

  // MARK: What nobody recorded

  /// Ports of pods, pins and instances that no record knows.
  private func examinePorts() throws {
    let known = Set(attachments.flatMap(\.interfaces).map(\.hostName))
    let recordedPins = Set(records.map(\.pin))
    let files = try node.allPins().sorted()
    for pin in [""] + files.map({ "\(node.pins)/\($0)" }) {
      guard let place = pin.isEmpty ? node.kernel.node : node.kernel.instanceNamespace(at: pin) else {
        if !recordedPins.contains(pin) {
          note(Finding(.unusedInstance, "\(pin) is no namespace of a record", .removeUnused))
        }
        continue
      }
      let (ends, nameless) = try place.hostEnds()
      let unknown = ends.filter { !known.contains($0.name) }
      for name in nameless where !known.contains(name) {
        note(
          Finding(
            .strayPort, "link \(name)\(placeText(pin)) says nothing of its pod", .removePort(pin: pin, name: name)))
      }
      if recordedPins.contains(pin) {
        try noteStray(unknown, pin)
      } else if !unknown.isEmpty {
        let first = "container \(unknown[0].containerID) \(unknown[0].interface)"
        note(
          Finding(
            .lostStore,
            "\(node.store.path) does not know \(unknown.count) interfaces\(placeText(pin)), such as \(first)",
            .adopt))
      } else if pin.isEmpty ? place.hasAnyLink([NodeNames.bridge]) && nameless.isEmpty : nameless.isEmpty {
        let object = pin.isEmpty ? "bridge \(NodeNames.bridge)" : pin
        note(Finding(.unusedInstance, "\(object) is recorded nowhere and holds no pod", .removeUnused))
      }
    }
  }

  /// Interfaces in a recorded instance: those of a pod that runs are taken in, the rest goes.
  private func noteStray(_ unknown: [HostEnd], _ pin: String) throws {
    let alive = try node.kernel.podEnds(of: unknown)
    for end in unknown {
      let object = "link \(end.name)\(placeText(pin)), \(end.interface) of container \(end.containerID)"
      guard let pod = alive[end.name] else {
        note(Finding(.strayPort, "\(object), belongs to no pod", .removePort(pin: pin, name: end.name)))
        continue
      }
      note(Finding(.strayPort, "\(object), a pod in \(pod.path), is not recorded", .adopt))
    }
  }

  func placeText(_ pin: String) -> String { pin.isEmpty ? "" : " in \(pin)" }
}
