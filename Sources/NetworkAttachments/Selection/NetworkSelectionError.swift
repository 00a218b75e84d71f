package import CNI
internal import JSON

/// Why an annotation that selects networks cannot be followed.
public struct NetworkSelectionError: Error, Hashable, Sendable {
  /// The annotation's key.
  public let annotation: String
  /// The namespace whose annotation it is; `nil` where it is the pod's.
  public internal(set) var namespace: String?
  /// The element at fault; `nil` where the annotation as a whole is.
  public let element: ElementLabel?
  /// The keys inside of the element that lead to the value (`ips[0]`); empty where the element as a whole is at fault.
  public let key: String
  /// The wrong value as JSON text, cut where it is long; `nil` where the text could not be read at all.
  public let value: String?
  /// What would be right, or what was found where.
  public let hint: String

  init(_ annotation: String, _ element: ElementLabel?, key: String = "", value: JSONValue, expected: String) {
    self.annotation = annotation
    self.element = element
    self.key = key
    self.value = JSONFieldError(path: key, value: value, expected: expected).shownValue
    hint = "expected \(expected)"
  }

  init(_ annotation: String, _ element: ElementLabel?, _ error: JSONFieldError) {
    self.init(annotation, element, key: error.path, value: error.value, expected: error.expected)
  }

  /// A text that is not JSON.
  ///
  /// - Parameter example: what the part that is probably meant looks like.
  init(_ annotation: String, _ error: JSONError, example: String? = nil) {
    self.annotation = annotation
    element = nil
    key = ""
    value = nil
    hint = error.description + (example.map { "; allowed address pairs are written \($0)" } ?? "")
  }

  /// What is wrong: annotation, element, key and value.
  public var message: String {
    var text = "annotation " + annotation
    if let element { text += element.description }
    if let namespace { text += " of the namespace \(namespace)" }
    guard let value else { return text + " is not valid JSON" }
    text += ": "
    if !key.isEmpty { text += key + ": " }
    return text + value + " is not valid"
  }
}

extension NetworkSelectionError: CustomStringConvertible {
  /// Message and hint.
  public var description: String { message + "; " + hint }
}

extension CNIError {
  /// The error that a runtime gets: code 7.
  package init(_ error: NetworkSelectionError) {
    self.init(.invalidConfiguration, error.message, error.hint)
  }

  /// The refusal of what cannot be honoured: code 2.
  package init(_ request: UnsupportedRequest, of element: NetworkSelectionElement, in annotation: String) {
    self.init(
      .unsupportedField,
      "annotation \(annotation)\(element.label): \(request.key): \(request.value) cannot be honoured",
      request.reason)
  }
}
