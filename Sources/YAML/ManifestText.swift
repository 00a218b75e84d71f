package import JSON

/// The text of manifests, as kubectl reads it: JSON where it starts like it, otherwise YAML.
package enum ManifestText {
  /// The manifests in the text, lists taken apart.
  package static func manifests(in bytes: [UInt8]) throws(Failure) -> [JSONValue] {
    try documents(bytes).flatMap(items)
  }

  package enum Failure: Error, Hashable, CustomStringConvertible {
    case json(JSONError)
    case yaml(YAMLError)

    package var description: String {
      switch self {
      case .json(let error): "json: \(error)"
      case .yaml(let error): "yaml: \(error)"
      }
    }
  }

  private static func documents(_ text: [UInt8]) throws(Failure) -> [JSONValue] {
    // Some editors put a byte order mark in front.
    let bytes = text.starts(with: [0xef, 0xbb, 0xbf]) ? Array(text.dropFirst(3)) : text
    let start = bytes.first { !" \t\r\n".utf8.contains($0) }
    if start == UInt8(ascii: "{") {
      // YAML in flow style starts so too; what is neither is told as JSON.
      do {
        return [try JSONValue(parsing: bytes)]
      } catch {
        if let documents = try? YAMLDocument.documents(in: bytes), !documents.isEmpty { return documents.map(\.value) }
        throw .json(error)
      }
    }
    do {
      return try YAMLDocument.documents(in: bytes).map(\.value)
    } catch {
      throw .yaml(error)
    }
  }

  /// The objects of a List, or the object itself.
  private static func items(_ value: JSONValue) -> [JSONValue] {
    guard let object = value.object, object["kind"] == "List", let items = object["items"]?.array else {
      return [value]
    }
    return items
  }
}
