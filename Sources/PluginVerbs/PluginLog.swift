internal import LinuxSystem
internal import Netlink
internal import NetworkAttachments

/// The plugin's log: a line an event, `key=value`, appended to a file by one write each.
///
/// A log that cannot be written does not fail the call, and nothing waits for it: standard error says so once. The file is
/// put aside when it is full, so that there are never more than two of that size.
final class PluginLog {
  /// From how many bytes on the file becomes `FILE.1`, and what was that is gone.
  static let sizeLimit = 10 << 20
  /// How much of one value is written, in bytes.
  static let valueLimit = 1024

  private let path: String?
  private let threshold: LogLevel
  private var open: Int32?
  private var isBroken = false
  /// The virtual networks that the call is about, for its line.
  var networks: [String] = []
  /// What went wrong with the log itself, for standard error.
  private(set) var complaint: String?

  init(path: String?, threshold: LogLevel) {
    self.path = path
    self.threshold = threshold
  }

  /// Whether every request to the kernel is written down.
  var isVerbose: Bool { path != nil && threshold >= .debug }

  /// Appends a line: time, level, message, then the pairs.
  func write(_ level: LogLevel, _ message: String, _ pairs: KeyValuePairs<String, String> = [:]) {
    guard let path, level <= threshold, !isBroken else { return }
    var line = "time=\(timestamp(wallClockNanoseconds())) level=\(level) msg=\(quoted(message))"
    for (key, value) in pairs where !value.isEmpty { line += " \(key)=\(quoted(value))" }
    do {
      try writeAll(Array((line + "\n").utf8), to: try descriptor(path))
    } catch {
      isBroken = true
      let reason = error == .invalidArgument ? "it is no file of its own" : "\(error)"
      complaint = "contrail.log-file: cannot write \(path): \(reason)"
    }
  }

  /// A request that the kernel answered.
  func noteRequest(_ operation: String, _ error: NetlinkError?) {
    write(.debug, "netlink", ["request": operation, "error": error.map { "\($0)" } ?? ""])
  }

  private func descriptor(_ path: String) throws(Errno) -> Int32 {
    if let open { return open }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeDirectories(String(path[..<slash])) }
    var file = try OwnedDescriptor(appendingTo: path)
    if try file.status().size >= Self.sizeLimit, try putAside(file, path) {
      file = try OwnedDescriptor(appendingTo: path)
    }
    // Open until the process ends.
    let number = file.release()
    open = number
    return number
  }

  /// Renames a full log. Where somebody else does it at the moment, this call's lines still go to the old one.
  private func putAside(_ file: borrowing OwnedDescriptor, _ path: String) throws(Errno) -> Bool {
    guard file.lockIfFree() else { return false }
    // Whoever had the lock before may have done it already.
    if try FileStatus(ofLink: path).inode == file.status().inode { try renameFile(path, to: path + ".1") }
    return true
  }

  /// The value itself, or in double quotes where it holds a space, a quote, `=` or a control character.
  private func quoted(_ value: String) -> String {
    let isShort = value.utf8.count <= Self.valueLimit
    let isPlain = value.utf8.allSatisfy {
      $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
    }
    if isPlain && isShort && !value.isEmpty { return value }
    var text = "\""
    for scalar in String(decoding: value.utf8.prefix(Self.valueLimit), as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\" + String(scalar)
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7f ? "?" : scalar)
      }
    }
    return text + (isShort ? "\"" : "…\"")
  }
}
