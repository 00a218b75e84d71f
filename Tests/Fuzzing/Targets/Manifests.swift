import JSON
import ObjectPrinting
import ObjectStore
import VirtualNetworks
import YAML

extension FuzzTarget {
  /// Manifests, from the text to the store: what can be applied can be read, printed and deleted again.
  static let manifests = FuzzTarget(name: "manifests", maximumLength: 8192) { bytes in
    guard let values = try reading({ try ManifestText.manifests(in: bytes) }) else { return }
    for value in values { try checkPrinted(value) }
    let objects = try values.compactMap { value in try reading { try APIObject(value) } }
    if objects.isEmpty { return }
    do {
      try Scratch.definitions.change(Scratch.settings) { transaction in
        try applyAndDelete(objects, transaction)
        throw Undo()
      }
    } catch is Undo {}
  }
}

/// So that every input finds the same store.
private struct Undo: Error {}

/// Printed as YAML it is the same.
private func checkPrinted(_ value: JSONValue) throws {
  let text = value.yaml
  let again = try? YAMLDocument.documents(in: Array(text.utf8)).first?.value ?? .null
  try require(again == value, "printed and read again it is another: \(text.prefix(500))")
}

private func applyAndDelete(_ objects: [APIObject], _ transaction: ObjectTransaction) throws {
  let before = try contents(transaction)
  var made: [ObjectKey] = []
  for var object in objects.prefix(8) {
    if object.kind.resource.isNamespaced && object.metadata.namespace.isEmpty { object.metadata.namespace = "default" }
    guard let plan = try reading({ try transaction.apply(object, Scratch.settings, use: NoNetworkUse()) }) else {
      continue
    }
    if plan.outcome == .created { made.append(plan.key) }
    let stored = try transaction.reader.object(plan.key)
    try require(stored != nil || plan.outcome == .unchanged, "\(plan.key) was applied and is not there")
    try reading { _ = try transaction.reader.connectivity() }
    guard let again = try reading({ try transaction.apply(object, Scratch.settings, use: NoNetworkUse()) }) else {
      continue
    }
    try require(again.outcome == .unchanged, "\(plan.key) applied twice is \(again.outcome)")
  }
  for key in made.reversed() where try transaction.reader.object(key) != nil {
    try reading { _ = try transaction.delete(key, Scratch.settings, use: NoNetworkUse()) }
  }
  if try made.allSatisfy({ try transaction.reader.object($0) == nil }) && made.count == objects.count {
    let after = try contents(transaction)
    try require(after == before, "left behind: \(after.subtracting(before)), gone: \(before.subtracting(after))")
  }
}

private func contents(_ transaction: ObjectTransaction) throws -> Set<ObjectKey> {
  var keys: Set<ObjectKey> = []
  for kind in ResourceKind.all {
    for object in try transaction.reader.objects(of: kind.kind) { keys.insert(object.key) }
  }
  return keys
}
