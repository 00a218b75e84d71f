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
        return try stream(bytes, otherwise: error)
      }
    }
    do {
      return try YAMLDocument.documents(in: bytes).map(\.value)
    } catch {
      throw .yaml(error)
    }
  }

  /// JSON documents one after the other, as other programs write them.
  private static func stream(_ bytes: [UInt8], otherwise error: JSONError) throws(Failure) -> [JSONValue] {
    var documents: [JSONValue] = []
    var start = 0
    while let end = endOfObject(bytes, from: start) {
      do {
        documents.append(try JSONValue(parsing: Array(bytes[start..<end])))
      } catch {
        // Once more, where it stands in the text.
        let before = bytes[..<start].map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
        do { _ = try JSONValue(parsing: before + bytes[start..<end]) } catch { throw .json(error) }
        throw .json(error)
      }
      start = end
    }
    guard documents.count > 1, bytes[start...].allSatisfy({ " \t\r\n".utf8.contains($0) }) else { throw .json(error) }
    return documents
  }

  /// Behind the object that begins there, after white space; `nil` where none does, or it does not end.
  private static func endOfObject(_ bytes: [UInt8], from start: Int) -> Int? {
    var position = start
    while position < bytes.count, " \t\r\n".utf8.contains(bytes[position]) { position += 1 }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return nil }
    var depth = 0
    var isText = false
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\\") where isText: position += 1
      case UInt8(ascii: "\""): isText.toggle()
      case _ where isText: continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return position }
      default: continue
      }
    }
    return nil
  }

  /// The objects of a List, or the object itself.
  private static func items(_ value: JSONValue) -> [JSONValue] {
    guard let object = value.object, object["kind"] == "List", let items = object["items"]?.array else {
      return [value]
    }
    return items
  }
}
