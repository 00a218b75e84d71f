internal import CYAML
package import JSON

extension JSONValue {
  /// The value as a YAML document, laid out as kubectl prints it.
  package var yaml: String {
    let output = Output()
    let emitter = UnsafeMutablePointer<yaml_emitter_t>.allocate(capacity: 1)
    defer { unsafe emitter.deallocate() }
    guard unsafe yaml_emitter_initialize(emitter) == 1 else { return "" }
    defer { unsafe yaml_emitter_delete(emitter) }
    unsafe yaml_emitter_set_output(emitter, { unsafe collect($0, $1, $2) }, Unmanaged.passUnretained(output).toOpaque())
    unsafe yaml_emitter_set_unicode(emitter, 1)
    unsafe yaml_emitter_set_width(emitter, -1)
    unsafe emit(emitter) { unsafe yaml_stream_start_event_initialize($0, YAML_UTF8_ENCODING) }
    unsafe emit(emitter) { unsafe yaml_document_start_event_initialize($0, nil, nil, nil, 1) }
    unsafe emit(self, emitter)
    unsafe emit(emitter) { unsafe yaml_document_end_event_initialize($0, 1) }
    unsafe emit(emitter) { unsafe yaml_stream_end_event_initialize($0) }
    extendLifetime(output)
    return String(decoding: output.bytes, as: UTF8.self)
  }
}

private final class Output {
  var bytes: [UInt8] = []
}

private func collect(
  _ output: UnsafeMutableRawPointer?, _ start: UnsafeMutablePointer<UInt8>?, _ count: Int
) -> Int32 {
  guard let output = unsafe output else { return 0 }
  unsafe Unmanaged<Output>.fromOpaque(output).takeUnretainedValue().bytes.append(
    contentsOf: UnsafeBufferPointer(start: start, count: count))
  return 1
}

private func emit(
  _ emitter: UnsafeMutablePointer<yaml_emitter_t>, _ initialize: (UnsafeMutablePointer<yaml_event_t>) -> Int32
) {
  var event = unsafe yaml_event_t()
  guard unsafe initialize(&event) == 1 else { return }
  _ = unsafe yaml_emitter_emit(emitter, &event)
}

private func emit(_ value: JSONValue, _ emitter: UnsafeMutablePointer<yaml_emitter_t>) {
  switch value {
  case .array(let elements):
    let style = elements.isEmpty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE
    unsafe emit(emitter) { unsafe yaml_sequence_start_event_initialize($0, nil, nil, 1, style) }
    for element in elements { unsafe emit(element, emitter) }
    unsafe emit(emitter) { unsafe yaml_sequence_end_event_initialize($0) }
  case .object(let object):
    let style = object.isEmpty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE
    unsafe emit(emitter) { unsafe yaml_mapping_start_event_initialize($0, nil, nil, 1, style) }
    for member in object.members {
      unsafe emit(text: member.key, textStyle(member.key), emitter)
      unsafe emit(member.value, emitter)
    }
    unsafe emit(emitter) { unsafe yaml_mapping_end_event_initialize($0) }
  case .string(let text): unsafe emit(text: text, textStyle(text), emitter)
  default: unsafe emit(text: value.text(), YAML_PLAIN_SCALAR_STYLE, emitter)
  }
}

/// Plain where it reads as a text, several lines as a block. The library itself quotes what cannot stand plain.
private func textStyle(_ text: String) -> yaml_scalar_style_t {
  if text.utf8.contains(UInt8(ascii: "\n")) { return YAML_LITERAL_SCALAR_STYLE }
  return isAmbiguous(text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE
}

private func emit(text: String, _ style: yaml_scalar_style_t, _ emitter: UnsafeMutablePointer<yaml_emitter_t>) {
  // With a byte after the text, because an empty array has no address.
  let bytes = Array(text.utf8) + [0]
  unsafe bytes.withUnsafeBufferPointer { buffer in
    unsafe emit(emitter) {
      unsafe yaml_scalar_event_initialize($0, nil, nil, buffer.baseAddress, Int32(buffer.count - 1), 1, 1, style)
    }
  }
}
