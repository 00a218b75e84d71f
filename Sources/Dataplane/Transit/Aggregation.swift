package import NetworkAddresses

/// The fewest prefixes that hold exactly the same addresses, in order.
package func aggregated(_ prefixes: some Sequence<IPPrefix>) -> [IPPrefix] {
  var kept: [IPPrefix] = []
  for var prefix in widest(prefixes) {
    // Two halves make a whole, which may be a half in turn.
    while let last = kept.last, let whole = last.joined(with: prefix) {
      kept.removeLast()
      prefix = whole
    }
    kept.append(prefix)
  }
  return kept
}

/// The prefixes that are in no other one, in order.
func widest(_ prefixes: some Sequence<IPPrefix>) -> [IPPrefix] {
  // Those that hold others come before them, so that the last one kept holds the next or nothing of it.
  var kept: [IPPrefix] = []
  for prefix in prefixes.sorted(by: precedes) {
    if let last = kept.last, last.length <= prefix.length, last.contains(prefix.address) { continue }
    kept.append(prefix)
  }
  return kept
}

private func precedes(_ one: IPPrefix, _ other: IPPrefix) -> Bool {
  if one.family != other.family { return one.family == .v4 }
  return one.first != other.first ? one.first < other.first : one.length < other.length
}

extension IPPrefix {
  /// The network whose halves are this one and the one after it, if they are two halves.
  fileprivate func joined(with upper: IPPrefix) -> IPPrefix? {
    guard length == upper.length, length > 0, address.family == upper.family else { return nil }
    let whole = IPPrefix(containing: address, length: length - 1)
    return whole.address == address && address != upper.address && whole.contains(upper.address) ? whole : nil
  }
}
