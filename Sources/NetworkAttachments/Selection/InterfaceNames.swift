internal import JSON

extension NetworkSelection {
  /// The name of each element's interface, in order: its own, or the next of `eth1`, `eth2`, …
  ///
  /// An element that names its interface takes no number away from another.
  ///
  /// - Parameter standard: the default network's interface, usually `eth0`.
  /// - Throws: where two interfaces would have one name, an error that names both.
  public func assignInterfaceNames(default standard: String = "eth0") throws(NetworkSelectionError) -> [String] {
    if elements.isEmpty { return [] }
    var taken = Set(["lo", standard].map(packed))
    var names: [String] = []
    var number = 0
    for element in elements {
      var name = element.interface ?? ""
      while element.interface == nil && (name.isEmpty || name == standard) {
        number += 1
        name = "eth\(number)"
      }
      names.append(name)
      guard name.utf8.count <= 15, taken.insert(packed(name)).inserted else {
        throw clash(names, standard)
      }
    }
    return names
  }

  /// The error about the last of `names`, the first one that is not unique.
  private func clash(_ names: [String], _ standard: String) -> NetworkSelectionError {
    let last = names.count - 1
    let name = names[last]
    let other = names.firstIndex(of: name) ?? last
    if other == last {
      let holder = name == standard ? "the default network's interface" : "the loopback interface"
      return nameError(elements[last], name, expected: "another name: this one is \(holder)")
    }
    // The one that is written is at fault; the other may only be numbered.
    let (fault, holder) = elements[last].interface == nil ? (other, last) : (last, other)
    return nameError(
      elements[fault], name, expected: "another name: this one is the interface of \(elements[holder].label)")
  }

  private func nameError(
    _ element: NetworkSelectionElement, _ name: String, expected: String
  ) -> NetworkSelectionError {
    NetworkSelectionError(annotation, element.label, key: "interface", value: .string(name), expected: expected)
  }
}

/// An interface name, at most 15 bytes, as a number.
private func packed(_ name: String) -> UInt128 { name.utf8.reduce(0) { $0 << 8 | UInt128($1) } }
