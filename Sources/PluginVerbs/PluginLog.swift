internal import LinuxSystem
package import NetworkAttachments

/// The plugin's log: a line an event, `key=value`, appended to a file by one write each.
///
/// A log that cannot be written does not fail the call: standard error says so once.
package final class PluginLog {
  private let path: String?
  private let threshold: LogLevel
  private var file: OwnedDescriptor?
  private var isBroken = false
  /// What went wrong with the log itself, for standard error.
  package private(set) var complaint: String?

  package init(path: String?, threshold: LogLevel) {
    self.path = path
    self.threshold = threshold
  }

  /// Appends a line: time, level, message, then the pairs.
  func write(_ level: LogLevel, _ message: String, _ pairs: KeyValuePairs<String, String> = [:]) {
    guard let path, level <= threshold, !isBroken else { return }
    var line = "time=\(timestamp(wallClockNanoseconds())) level=\(level) msg=\(quoted(message))"
    for (key, value) in pairs where !value.isEmpty { line += " \(key)=\(quoted(value))" }
    do {
      try open(path)
      try writeAll(Array((line + "\n").utf8), to: file.map { $0.rawValue } ?? -1)
    } catch {
      isBroken = true
      complaint = "contrail.log-file: cannot write \(path): \(error)"
    }
  }

  private func open(_ path: String) throws(Errno) {
    if file != nil { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeDirectories(String(path[..<slash])) }
    file = try OwnedDescriptor(path: path, [.write, .create, .append, .noFollow])
  }

  /// The value itself, or in double quotes where it holds a space, a quote, `=` or a control character.
  private func quoted(_ value: String) -> String {
    let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
    if isPlain && !value.isEmpty { return value }
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\" + String(scalar)
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7f ? "?" : scalar)
      }
    }
    return text + "\""
  }
}
