package import JSON

/// An error as a runtime gets it: printed on standard output, with a non-zero exit status.
package struct CNIError: Error, Hashable, Sendable {
  /// The codes of the specification, and from 100 on our own.
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let incompatibleVersion = Code(rawValue: 1)
    /// The message holds key and value.
    package static let unsupportedField = Code(rawValue: 2)
    package static let unknownContainer = Code(rawValue: 3)
    package static let invalidEnvironment = Code(rawValue: 4)
    package static let ioFailure = Code(rawValue: 5)
    package static let decodingFailure = Code(rawValue: 6)
    package static let invalidConfiguration = Code(rawValue: 7)
    package static let invalidNetworkNamespace = Code(rawValue: 8)
    package static let tryAgainLater = Code(rawValue: 11)
    /// STATUS: ADD cannot be served.
    package static let unavailable = Code(rawValue: 50)
    /// STATUS: ADD cannot be served, and the connectivity of running pods suffers.
    package static let unavailableAndDegraded = Code(rawValue: 51)
    /// The plugin itself is at fault.
    package static let internalFailure = Code(rawValue: 100)
    /// ADD: the namespace has an interface of that name already.
    package static let interfaceExists = Code(rawValue: 101)
    /// CHECK: the attachment is not as it should be.
    package static let checkFailed = Code(rawValue: 102)
    /// The kernel refused an operation.
    package static let kernelRefused = Code(rawValue: 103)
    /// The store is damaged or of a newer schema.
    package static let storeUnusable = Code(rawValue: 104)
    /// DEL, GC: something could not be removed.
    package static let incompleteCleanup = Code(rawValue: 105)
  }

  package let code: Code
  /// What is wrong.
  package let message: String
  /// What to do about it, or what was found.
  package let details: String

  package init(_ code: Code, _ message: String, _ details: String = "") {
    self.code = code
    self.message = shortened(message)
    self.details = shortened(details)
  }

  /// A field of the configuration that is not what it should be: key and value in the message, the hint in the details.
  package init(_ error: JSONFieldError, code: Code = .invalidConfiguration) {
    self.init(code, "\(error.path): \(error.shownValue) is not valid", "expected \(error.expected)")
  }

  /// The error object of the specification.
  package func json(version: CNIVersion) -> JSONValue {
    var object: JSONObject = [
      "cniVersion": .string(version.text), "code": .integer(Int64(code.rawValue)), "msg": .string(message),
    ]
    if !details.isEmpty { object["details"] = .string(details) }
    return .object(object)
  }
}

/// A key or name from outside can have any length; what is printed, logged and recorded of it is bounded.
private func shortened(_ text: String) -> String {
  guard text.utf8.count > 2000 else { return text }
  return String(decoding: text.utf8.prefix(2000), as: UTF8.self) + "..."
}

extension CNIError: CustomStringConvertible {
  package var description: String {
    "code \(code.rawValue): \(message)" + (details.isEmpty ? "" : "; \(details)")
  }
}

/// Runs `body` and turns an error about a field into the error that a runtime gets.
package func readingConfiguration<Value>(
  code: CNIError.Code = .invalidConfiguration, _ body: () throws(JSONFieldError) -> Value
) throws(CNIError) -> Value {
  do {
    return try body()
  } catch {
    throw CNIError(error, code: code)
  }
}
