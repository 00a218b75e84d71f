/// A change in the making: the objects as they were, with what is to be written laid over them.
struct Draft<State: ClusterState> {
  let state: State
  private var changes: [ObjectKey: APIObject?] = [:]
  private var order: [ObjectKey] = []
  private var taken: [NumberSpace: Set<Int64>] = [:]
  private var released: [NumberSpace: Set<Int64>] = [:]

  init(_ state: State) { self.state = state }

  // MARK: Reading

  func object(_ key: ObjectKey) throws -> APIObject? {
    if let change = changes[key] { return change }
    return try state.object(key)
  }

  func names(of kind: Kind, namespace: String) throws -> [String] {
    var names = Set(try state.names(of: kind, namespace: namespace))
    for (key, object) in changes where key.kind == kind && key.namespace == namespace {
      if object == nil { names.remove(key.name) } else { names.insert(key.name) }
    }
    return names.sorted()
  }

  func referrers(to key: ObjectKey) throws -> [ObjectKey] {
    let kept = try state.referrers(to: key, limit: Int.max).filter { changes[$0] == nil }
    return (kept + changedReferrers(to: key)).sorted()
  }

  /// Whether any object refers to this one, however many do.
  func isReferred(to key: ObjectKey) throws -> Bool {
    if !changedReferrers(to: key).isEmpty { return true }
    return try state.referrers(to: key, limit: changes.count + 1).contains { changes[$0] == nil }
  }

  private func changedReferrers(to key: ObjectKey) -> [ObjectKey] {
    changes.values.compactMap(\.self).filter { $0.references.contains(key) }.map(\.key)
  }

  // MARK: Writing

  mutating func put(_ object: APIObject) { change(object.key, object) }
  mutating func delete(_ key: ObjectKey) { change(key, nil) }

  private mutating func change(_ key: ObjectKey, _ object: APIObject?) {
    if changes.updateValue(object, forKey: key) == nil { order.append(key) }
  }

  mutating func allocate(_ space: NumberSpace, except isUsed: (Int64) throws -> Bool = { _ in false }) throws -> Int64 {
    var skipped = taken[space] ?? []
    while true {
      let free = try state.lowestFree(space, besides: skipped)
      let number = ([free] + (released[space] ?? []).filter { !skipped.contains($0) }).min() ?? free
      if try isUsed(number) {
        skipped.insert(number)
        continue
      }
      if released[space]?.remove(number) == nil { taken[space, default: []].insert(number) }
      return number
    }
  }

  /// Takes a number that belongs to the system's own objects.
  mutating func take(_ number: Int64, _ space: NumberSpace) { taken[space, default: []].insert(number) }

  mutating func release(_ number: Int64, _ space: NumberSpace) {
    if taken[space]?.remove(number) == nil { released[space, default: []].insert(number) }
  }

  /// What differs from the objects as they were.
  func writes() throws -> [Write] {
    var writes: [Write] = []
    for space in NumberSpace.allCases {
      writes += (released[space] ?? []).sorted().map { .release(space, $0) }
      writes += (taken[space] ?? []).sorted().map { .allocate(space, $0) }
    }
    for key in order {
      let before = try state.object(key)
      switch changes[key] {
      case .some(.some(let object)): if object != before { writes.append(.put(object)) }
      case .some(.none): if before != nil { writes.append(.delete(key)) }
      case .none: break
      }
    }
    return writes
  }
}
