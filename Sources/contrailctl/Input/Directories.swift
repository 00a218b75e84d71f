internal import Glibc

/// Whether there is a directory at the path; `nil` where there is nothing.
func isDirectory(_ path: String) -> Bool? {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return nil }
  return status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a directory, in order.
func directoryEntries(_ path: String) throws(Failure) -> [String] {
  guard let directory = unsafe opendir(path) else {
    throw Failure("\(path): \(unsafe String(cString: strerror(errno)))")
  }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}
