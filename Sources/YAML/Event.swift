internal import CYAML

/// One step of the library through a text.
struct Event {
  enum Content {
    case streamEnd
    case documentStart
    case alias(String)
    case scalar(Scalar)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
    /// The start of the stream and the ends of documents, which mean nothing here.
    case other
  }

  let content: Content
  /// Empty for a node without one.
  var anchor = ""
  /// The tag that the text gives; empty for none.
  var tag = ""
  let mark: Mark
}

struct Scalar {
  let text: String
  /// Whether it stands without quotes, so that `5` is a number.
  let isPlain: Bool
}

/// The library's parser on one text.
@safe struct EventReader: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// The text, which the parser reads while it lives.
  private let bytes: UnsafeMutableBufferPointer<UInt8>

  init(_ text: [UInt8]) throws(YAMLError) {
    unsafe parser = UnsafeMutablePointer.allocate(capacity: 1)
    unsafe bytes = UnsafeMutableBufferPointer.allocate(capacity: text.count)
    _ = unsafe bytes.initialize(from: text)
    guard unsafe yaml_parser_initialize(parser) == 1 else { throw Mark(line: 0, column: 0).error("out of memory") }
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe bytes.deallocate()
  }

  func next() throws(YAMLError) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { unsafe yaml_event_delete(&event) }
    let mark = unsafe Mark(event.start_mark)
    switch unsafe event.type {
    case YAML_STREAM_END_EVENT: return Event(content: .streamEnd, mark: mark)
    case YAML_DOCUMENT_START_EVENT: return Event(content: .documentStart, mark: mark)
    case YAML_ALIAS_EVENT: return Event(content: .alias(unsafe text(event.data.alias.anchor)), mark: mark)
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let value = unsafe String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
      return unsafe Event(
        content: .scalar(Scalar(text: value, isPlain: isPlain)), anchor: text(scalar.anchor), tag: text(scalar.tag),
        mark: mark)
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return unsafe Event(content: .sequenceStart, anchor: text(start.anchor), tag: text(start.tag), mark: mark)
    case YAML_SEQUENCE_END_EVENT: return Event(content: .sequenceEnd, mark: mark)
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return unsafe Event(content: .mappingStart, anchor: text(start.anchor), tag: text(start.tag), mark: mark)
    case YAML_MAPPING_END_EVENT: return Event(content: .mappingEnd, mark: mark)
    default: return Event(content: .other, mark: mark)
    }
  }

  /// What the library says of the text, with the line in which the structure began that it could not finish.
  private func failure() -> YAMLError {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not YAML"
    var mark = unsafe Mark(parser.pointee.problem_mark)
    var context = ""
    if unsafe parser.pointee.error == YAML_READER_ERROR {
      mark = place(ofByte: Int(unsafe parser.pointee.problem_offset))
    } else if let text = unsafe parser.pointee.context.map({ unsafe String(cString: $0) }) {
      let start = unsafe parser.pointee.context_mark.line + 1
      context = " \(text)\(Int(start) == mark.line + 1 ? "" : " that starts in line \(start)")"
    }
    return mark.error(explanations[problem] ?? problem + context)
  }

  private func place(ofByte offset: Int) -> Mark {
    let before = unsafe bytes.prefix(offset)
    let newline = UInt8(ascii: "\n")
    let lineStart = unsafe before.lastIndex(of: newline).map { $0 + 1 } ?? 0
    return unsafe Mark(line: before.count { $0 == newline }, column: offset - lineStart)
  }
}

/// What people understand better than the library's own words.
private let explanations = [
  "found character that cannot start any token":
    "a tab, '@', '`' or '%' cannot stand here: indent with spaces, and put text that starts so in quotes"
]

extension Mark {
  fileprivate init(_ mark: yaml_mark_t) { self.init(line: Int(mark.line), column: Int(mark.column)) }
}

private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String {
  guard let pointer = unsafe pointer else { return "" }
  return unsafe String(cString: pointer)
}
