package import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
package import NetworkAttachments
internal import ObjectStore

/// What was looked at, what was found, and what became of it.
package struct Diagnosis: Sendable {
  /// Attachments and networks that were looked at.
  package internal(set) var attachments = 0
  package internal(set) var instances = 0
  /// What was skipped, because somebody works on it.
  package internal(set) var busy: [String] = []
  /// What was found and is still so.
  package internal(set) var findings: [Finding] = []
  /// What was found and is so no longer.
  package internal(set) var fixed: [Finding] = []
  /// What could not be done, and why.
  package internal(set) var failures: [String] = []
}

/// Compares records, definitions and kernel of this node.
///
/// - Parameters:
///   - note: who asks, for those who wait.
///   - isComplete: whether the configuration is the plugin's own, so that the node's network can be compared with it.
///   - fixes: whether everything is done that can be done.
package func diagnose(
  _ configuration: ContrailConfiguration, note: String, isComplete: Bool, fixes: Bool
) throws(CNIError) -> Diagnosis {
  let log = PluginLog(path: configuration.logFile, threshold: configuration.logLevel)
  do {
    return try Doctor(configuration, note: note, log, isComplete: isComplete).run(fixes: fixes)
  } catch {
    throw CNIError(converting: error)
  }
}

final class Doctor {
  private let configuration: ContrailConfiguration
  private let note: String
  private let log: PluginLog
  private let isComplete: Bool

  init(_ configuration: ContrailConfiguration, note: String, _ log: PluginLog, isComplete: Bool) {
    self.configuration = configuration
    self.note = note
    self.log = log
    self.isComplete = isComplete
  }

  func run(fixes: Bool) throws -> Diagnosis {
    var diagnosis = try examine()
    guard fixes else { return diagnosis }
    var tried: Set<Treatment> = []
    var found: [String: Finding] = [:]
    // What was hidden by one finding shows when that is gone; what helps against many is done again for the rest.
    for _ in 0..<3 {
      for finding in diagnosis.findings { found[finding.identity] = finding }
      let treatments = Set(diagnosis.findings.compactMap(\.treatment)).subtracting(tried)
      if treatments.isEmpty { break }
      if !treatments.isSubset(of: [.mend, .removeUnused]) { tried.subtract([.mend, .removeUnused]) }
      tried.formUnion(treatments)
      let failures = diagnosis.failures + treat(treatments.sorted())
      diagnosis = try examine()
      diagnosis.failures = failures
    }
    let rest = Set(diagnosis.findings.map(\.identity))
    diagnosis.fixed = found.values.filter { !rest.contains($0.identity) }.sorted { $0.identity < $1.identity }
    for finding in diagnosis.fixed {
      log.write(.notice, "doctor fixed", ["kind": finding.kind.rawValue, "problem": finding.problem])
    }
    return diagnosis
  }

  private func examine() throws -> Diagnosis {
    try Self.lookUntilSettled { try Examination(node(), isComplete: isComplete).run() }
  }

  /// Looks again where something was found, until nothing is new, a few times at most: what a call did meanwhile is no
  /// finding, and what one finding became is another.
  static func lookUntilSettled(_ look: () throws -> Diagnosis) rethrows -> Diagnosis {
    var diagnosis = try look()
    let last = 5
    for number in 2...last where !diagnosis.findings.isEmpty {
      let seen = Set(diagnosis.findings.map(\.identity))
      diagnosis = try look()
      let again = diagnosis.findings.filter { seen.contains($0.identity) }
      if again.count == diagnosis.findings.count { break }
      if number == last { diagnosis.findings = again }
    }
    return diagnosis
  }

  /// A node of its own for each look and each treatment: nothing is remembered.
  private func node(replacesStore: Bool = false) throws(CNIError) -> Node {
    try Node(configuration, note: note, log: log, replacesStore: replacesStore)
  }

  /// - Returns: what failed.
  private func treat(_ treatments: [Treatment]) -> [String] {
    var failures: [String] = []
    for treatment in treatments {
      do { failures += try treat(treatment) } catch {
        let error = CNIError(converting: error)
        failures.append(error.details.isEmpty ? error.message : "\(error.message): \(error.details)")
      }
    }
    return failures
  }

  private func treat(_ treatment: Treatment) throws -> [String] {
    switch treatment {
    case .replaceStore: try node(replacesStore: true).store.transaction { _ in }
    case .restrict(let path, let permissions): try setPermissions(permissions, of: path)
    case .adopt: return try Adoption(node()).run()
    case .cleanUp(let containerID, let interfaceName):
      try node().collect(containerID: containerID, interfaceName: interfaceName)
    case .releaseAddresses(let owner): try node().store.transaction { try $0.releaseAddresses(owner: owner) }
    case .removePort(let pin, let name): try node().removePort(name, pin: pin)
    case .mend: return try node().mend()
    case .limitNeighbors(let containerID, let interfaceName):
      try node().limitNeighbors(containerID: containerID, interfaceName: interfaceName)
    case .removeUnused: try node().removeUnusedInstances()
    case .removeLock(let file): try node().locks.removeIfFree(file)
    }
    return []
  }
}

extension Node {
  /// What ``applyDefinitions(mending:)`` does, and what only a look at everything shows to be too much.
  fileprivate func mend() throws -> [String] {
    let failures = try applyDefinitions(mending: true)
    let records = try store.transaction { transaction in
      (
        try transaction.attachments(),
        try transaction.instances().compactMap { try transaction.instance($0) }
      )
    }
    for record in records.1 {
      guard let instance = try? open(record) else { continue }
      let addresses = records.0.flatMap(\.interfaces).filter { $0.instance == record.name }.flatMap(\.addresses)
      try instance.kernel.forgetNeighbors(besides: Set(addresses.map(\.address.address)))
    }
    return failures
  }

  /// A pod that somebody works on, or that is gone, is left alone.
  fileprivate func limitNeighbors(containerID: String, interfaceName: String) throws {
    guard let lock = try locks.containerIfFree(containerID) else { return }
    defer { extendLifetime(lock) }
    guard let found = try leftover(containerID: containerID, interfaceName: interfaceName) else {
      return try lock.removeFile()
    }
    let attachment = found.attachment
    let ports = found.instances.flatMap { attachment.ports(in: $0.name, $0.forwardingMode) }
    guard attachment.state == .attached, ports.count == attachment.interfaces.count,
      let pod = try kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace),
      pod.identity != kernel.node.identity
    else { return }
    try pod.limitNeighbors(of: ports)
  }

  fileprivate func removePort(_ name: String, pin: String) throws {
    guard let place = pin.isEmpty ? kernel.node : kernel.instanceNamespace(at: pin) else { return }
    try place.removeUnrecorded(link: name)
  }
}
