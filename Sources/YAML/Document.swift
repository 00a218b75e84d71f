package import JSON

/// One document of a YAML stream.
package struct YAMLDocument: Hashable, Sendable {
  package let value: JSONValue
  /// The line of the stream in which its content starts, from 1.
  package let line: Int

  /// The documents of a stream, as kubectl reads them: YAML 1.1 with unique keys, empty documents left out.
  ///
  /// Aliases stand for copies of what they name, and `<<` merges mappings. Numbers beyond JSON, tags other than those of
  /// scalars, and more than 64 levels are errors.
  package static func documents(in bytes: [UInt8]) throws(YAMLError) -> [YAMLDocument] {
    var composer = try Composer(bytes)
    var documents: [YAMLDocument] = []
    while let document = try composer.document() {
      if !document.value.isNull { documents.append(document) }
    }
    return documents
  }
}

/// Makes values of events.
private struct Composer: ~Copyable {
  private let reader: EventReader
  private var anchors: [String: Anchored] = [:]
  private var depth = 0
  /// How many values may still be made: a few lines of aliases of aliases would fill the memory.
  private var budget = 1_000_000

  private enum Anchored {
    /// Its node has begun and not ended.
    case open
    case value(JSONValue, size: Int)
  }

  init(_ bytes: [UInt8]) throws(YAMLError) { reader = try EventReader(bytes) }

  mutating func document() throws(YAMLError) -> YAMLDocument? {
    while true {
      let event = try reader.next()
      switch event.content {
      case .streamEnd: return nil
      case .documentStart:
        anchors = [:]
        let first = try reader.next()
        return YAMLDocument(value: try node(first), line: first.mark.line + 1)
      default: continue
      }
    }
  }

  private mutating func node(_ event: Event) throws(YAMLError) -> JSONValue {
    if case .alias(let name) = event.content { return try copy(name, event.mark) }
    let before = budget
    try spend(1, event.mark)
    if !event.anchor.isEmpty { anchors[event.anchor] = .open }
    depth += 1
    defer { depth -= 1 }
    guard depth <= 64 else { throw event.mark.error("nested more than 64 levels deep") }
    let value: JSONValue
    switch event.content {
    case .scalar(let scalar): value = try scalar.value(tag: event.tag, event.mark)
    case .sequenceStart: value = try sequence(event)
    case .mappingStart: value = .object(try mapping(event))
    default: throw event.mark.error("a value is expected")
    }
    if !event.anchor.isEmpty { anchors[event.anchor] = .value(value, size: before - budget) }
    return value
  }

  private mutating func copy(_ name: String, _ mark: Mark) throws(YAMLError) -> JSONValue {
    switch anchors[name] {
    case nil: throw mark.error("the alias *\(name) has no anchor &\(name) before it in this document")
    case .open: throw mark.error("the alias *\(name) stands inside of what &\(name) marks")
    case .value(let value, let size):
      try spend(size, mark)
      return value
    }
  }

  private mutating func spend(_ count: Int, _ mark: Mark) throws(YAMLError) {
    budget -= count
    if budget < 0 { throw mark.error("more than a million values, aliases counted as what they stand for") }
  }

  private mutating func sequence(_ start: Event) throws(YAMLError) -> JSONValue {
    try checkCollectionTag(start, "tag:yaml.org,2002:seq")
    var elements: [JSONValue] = []
    while true {
      let event = try reader.next()
      if case .sequenceEnd = event.content { return .array(elements) }
      elements.append(try node(event))
    }
  }

  private mutating func mapping(_ start: Event) throws(YAMLError) -> JSONObject {
    try checkCollectionTag(start, "tag:yaml.org,2002:map")
    var members: [JSONObject.Member] = []
    var lines: [String: Int] = [:]
    var merged: [JSONObject] = []
    while true {
      let event = try reader.next()
      if case .mappingEnd = event.content { break }
      if case .scalar(let scalar) = event.content, scalar.isPlain, scalar.text == "<<" {
        let value = try reader.next()
        merged += try mergedObjects(try node(value), value.mark)
        continue
      }
      let key = try key(event)
      if let line = lines.updateValue(event.mark.line + 1, forKey: key) {
        throw event.mark.error("duplicate key \(JSONValue.string(key)), which line \(line) has already")
      }
      members.append(.init(key: key, value: try node(try reader.next())))
    }
    for other in merged {
      for member in other.members where lines.updateValue(0, forKey: member.key) == nil { members.append(member) }
    }
    return JSONObject(uniqueMembers: members)
  }

  /// A key as JSON has them: a text, also where YAML reads a number or a truth value.
  private mutating func key(_ event: Event) throws(YAMLError) -> String {
    switch try node(event) {
    case .string(let text):
      if text.utf8.contains(0) { throw event.mark.error("a key must not contain U+0000") }
      return text
    case .integer(let number): return String(number)
    case .unsigned(let number): return String(number)
    case .double(let number): return JSONValue.double(number).text()
    case .bool(let truth): return truth ? "true" : "false"
    case .null, .array, .object: throw event.mark.error("a key must be a text")
    }
  }

  private func mergedObjects(_ value: JSONValue, _ mark: Mark) throws(YAMLError) -> [JSONObject] {
    switch value {
    case .object(let object): return [object]
    case .array(let elements):
      let objects = elements.compactMap(\.object)
      if objects.count == elements.count { return objects }
    default: break
    }
    throw mark.error("<< takes a mapping, or a list of mappings")
  }

  private func checkCollectionTag(_ event: Event, _ own: String) throws(YAMLError) {
    guard event.tag.isEmpty || event.tag == own || event.tag == "!" else {
      throw event.mark.error("the tag \(event.tag) has no meaning here")
    }
  }
}
