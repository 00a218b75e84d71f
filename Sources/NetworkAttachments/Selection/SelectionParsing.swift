internal import CNI
internal import JSON

extension NetworkSelection {
  /// Reads the annotation's value in either form: `[namespace/]name[@interface], …` or, where it has a `[`, a `{` or a
  /// `"`, a JSON array. Nothing but white space selects nothing.
  ///
  /// - Throws: an error that names element, key and value, and where the text is malformed the place.
  public init(parsing text: String, annotation: String = annotationKey) throws(NetworkSelectionError) {
    let bytes = Array(text.utf8)
    let isJSON = bytes.contains { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "\"") }
    let elements =
      isJSON
      ? try jsonElements(bytes, annotation)
      : try ShortForm(bytes: bytes, annotation: annotation).elements()
    try self.init(annotation: annotation, elements: elements)
  }
}

private func jsonElements(
  _ bytes: [UInt8], _ annotation: String
) throws(NetworkSelectionError) -> [NetworkSelectionElement] {
  let value: JSONValue
  do {
    value = try JSONValue(parsing: bytes, limit: JSONValue.configurationLimit)
  } catch {
    let wantsPairs = bytes.contains(UInt8(ascii: "[")) && mentionsPairs(bytes)
    throw NetworkSelectionError(annotation, error, example: wantsPairs ? pairExample : nil)
  }
  guard let array = value.array else {
    throw NetworkSelectionError(annotation, nil, value: value, expected: "a JSON array of objects, or a list of names")
  }
  guard array.count <= NetworkSelection.maximumCount else { throw tooMany(array.count, annotation) }
  var elements: [NetworkSelectionElement] = []
  elements.reserveCapacity(array.count)
  for (index, value) in array.enumerated() {
    do {
      elements.append(try NetworkSelectionElement(index: index, decoding: JSONField(value)))
    } catch {
      let name = value.object?.member(ignoringCase: "name")?.value.string.flatMap { NetworkReference(name: $0) }
      throw NetworkSelectionError(annotation, ElementLabel(index: index, name: name?.description), error)
    }
  }
  return elements
}

private func mentionsPairs(_ bytes: [UInt8]) -> Bool {
  let word = Array("ddressPair".utf8)
  return bytes.indices.contains { bytes[$0] == word[0] && bytes[$0...].starts(with: word) }
}

private func tooMany(_ count: Int, _ annotation: String) -> NetworkSelectionError {
  NetworkSelectionError(
    annotation, nil, value: .string("\(count) networks"), expected: "at most \(NetworkSelection.maximumCount)")
}

/// `[namespace/]name[@interface], …`
private struct ShortForm {
  let bytes: [UInt8]
  let annotation: String

  func elements() throws(NetworkSelectionError) -> [NetworkSelectionElement] {
    if trimmed(bytes[...]).isEmpty { return [] }
    var elements: [NetworkSelectionElement] = []
    let comma = UInt8(ascii: ",")
    let count = bytes.count { $0 == comma } + 1
    guard count <= NetworkSelection.maximumCount else { throw tooMany(count, annotation) }
    for item in bytes.split(separator: comma, omittingEmptySubsequences: false) {
      elements.append(try element(trimmed(item), index: elements.count))
    }
    return elements
  }

  private func element(_ item: ArraySlice<UInt8>, index: Int) throws(NetworkSelectionError) -> NetworkSelectionElement {
    let at = item.firstIndex(of: UInt8(ascii: "@")) ?? item.endIndex
    let reference = trimmed(item[..<at])
    guard let network = NetworkReference(text(reference)) else {
      throw error(reference, index: index, name: nil, key: "", expected: networkReferenceRule)
    }
    var element = NetworkSelectionElement(index: index, network: network)
    if at < item.endIndex {
      let interface = trimmed(item[(at + 1)...])
      let name = text(interface)
      if let problem = interfaceNameProblem(name) {
        throw error(
          interface, index: index, name: network.description, key: "interface",
          expected: String(problem.dropFirst("expected ".count)))
      }
      element.interface = name
    }
    return element
  }

  private func error(
    _ part: ArraySlice<UInt8>, index: Int, name: String?, key: String, expected: String
  ) -> NetworkSelectionError {
    NetworkSelectionError(
      annotation, ElementLabel(index: index, name: name), key: key, value: .string(text(part)),
      expected: "\(expected) (at byte \(part.startIndex))")
  }

  private func text(_ part: ArraySlice<UInt8>) -> String { String(decoding: part, as: UTF8.self) }
}

/// Without white space at either end.
func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
  guard let first = bytes.firstIndex(where: { !isSpace($0) }) else { return bytes[bytes.endIndex...] }
  let last = bytes.lastIndex { !isSpace($0) } ?? first
  return bytes[first...last]
}
