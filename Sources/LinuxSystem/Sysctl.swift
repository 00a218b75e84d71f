internal import Glibc

/// A kernel parameter of the calling thread's network namespace, by its path below `/proc/sys`.
package struct Sysctl: Sendable {
  package let path: String

  package init(_ path: String) { self.path = "/proc/sys/" + path }

  /// The parameter's text without the line's end.
  package func read() throws(Errno) -> [UInt8] {
    var bytes = try readFile(path)
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return bytes
  }

  package func write(_ value: String) throws(Errno) {
    let file = try OwnedDescriptor(path: path, .write)
    try writeAll(Array(value.utf8), to: file.rawValue)
  }

  /// Writes only where the value differs, so that a read-only `/proc/sys` that is already right is no error.
  ///
  /// - Returns: whether it wrote.
  @discardableResult
  package func ensure(_ value: String) throws(Errno) -> Bool {
    if try read() == Array(value.utf8) { return false }
    try write(value)
    return true
  }
}
