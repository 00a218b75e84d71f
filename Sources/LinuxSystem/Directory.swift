internal import Glibc

/// The names in a directory, in no particular order; none where there is no such directory.
package func fileNames(inDirectory path: String) throws(Errno) -> [String] {
  guard let directory = unsafe opendir(path) else {
    if errno == ENOENT { return [] }
    throw .current
  }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while true {
    // Only the number tells the end from a failure.
    errno = 0
    guard let entry = unsafe readdir(directory) else { break }
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  if errno != 0 { throw .current }
  return names
}

/// What a symbolic link says.
package func linkTarget(_ path: String) throws(Errno) -> String {
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = unsafe buffer.withUnsafeMutableBytes { bytes in
    unsafe readlink(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
  }
  guard count >= 0 else { throw .current }
  return String(decoding: buffer[..<count], as: UTF8.self)
}
