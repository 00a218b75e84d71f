/// A JSON object: members with unique keys in the order in which they came.
///
/// Keys are equal when their UTF-8 bytes are. Look-up is linear: protocol objects have a handful of members.
package struct JSONObject: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package let key: String
    package var value: JSONValue

    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  package private(set) var members: [Member]

  package init() { members = [] }

  /// The members in the given order; of several with one key the last counts.
  package init(_ pairs: some Sequence<(String, JSONValue)>) {
    self.init()
    for (key, value) in pairs { self[key] = value }
  }

  /// - Precondition: the keys are unique.
  package init(uniqueMembers: [Member]) { members = uniqueMembers }

  package var isEmpty: Bool { members.isEmpty }
  package var keys: [String] { members.map(\.key) }

  /// The member's value; setting `nil` removes it.
  package subscript(key: String) -> JSONValue? {
    get { index(of: key).map { members[$0].value } }
    set {
      switch (index(of: key), newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }

  /// The member of this key or, without one, the first whose key differs only in the case of ASCII letters: what Go
  /// programs accept.
  package func member(ignoringCase key: String) -> Member? {
    if let index = index(of: key) { return members[index] }
    return members.first { sameBytes($0.key, key, fold: lowercased) }
  }

  private func index(of key: String) -> Int? { members.firstIndex { sameBytes($0.key, key) } }
}

private func sameBytes(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}

private func sameBytes(_ left: String, _ right: String, fold: (UInt8) -> UInt8) -> Bool {
  left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8) { fold($0) == fold($1) }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
