internal import LinuxSystem
internal import NetworkAttachments

/// The plugin's log: a line an event, `key=value`, appended to a file by one write each.
///
/// A log that cannot be written does not fail the call: standard error says so once.
final class PluginLog {
  private let path: String?
  private let threshold: LogLevel
  private var open: Int32?
  private var isBroken = false
  /// What went wrong with the log itself, for standard error.
  private(set) var complaint: String?

  init(path: String?, threshold: LogLevel) {
    self.path = path
    self.threshold = threshold
  }

  /// Appends a line: time, level, message, then the pairs.
  func write(_ level: LogLevel, _ message: String, _ pairs: KeyValuePairs<String, String> = [:]) {
    guard let path, level <= threshold, !isBroken else { return }
    var line = "time=\(timestamp(wallClockNanoseconds())) level=\(level) msg=\(quoted(message))"
    for (key, value) in pairs where !value.isEmpty { line += " \(key)=\(quoted(value))" }
    do {
      try writeAll(Array((line + "\n").utf8), to: try descriptor(path))
    } catch {
      isBroken = true
      complaint = "contrail.log-file: cannot write \(path): \(error)"
    }
  }

  private func descriptor(_ path: String) throws(Errno) -> Int32 {
    if let open { return open }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeDirectories(String(path[..<slash])) }
    let file = try OwnedDescriptor(appendingTo: path)
    // Open until the process ends.
    open = file.release()
    return open ?? -1
  }

  /// The value itself, or in double quotes where it holds a space, a quote, `=` or a control character.
  private func quoted(_ value: String) -> String {
    let isPlain = value.utf8.allSatisfy {
      $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
    }
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
