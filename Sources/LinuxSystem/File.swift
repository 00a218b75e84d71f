internal import Glibc

/// How a file is opened; every descriptor is closed on `exec`.
///
/// The corresponding C constants are `O_…` of `<fcntl.h>`.
package struct OpenMode: OptionSet, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let read = OpenMode(rawValue: O_RDONLY)
  package static let write = OpenMode(rawValue: O_WRONLY)
  package static let readWrite = OpenMode(rawValue: O_RDWR)
  package static let create = OpenMode(rawValue: O_CREAT)
  package static let append = OpenMode(rawValue: O_APPEND)
  package static let truncate = OpenMode(rawValue: O_TRUNC)
  package static let noFollow = OpenMode(rawValue: O_NOFOLLOW)
  package static let nonBlocking = OpenMode(rawValue: O_NONBLOCK)
}

/// What the project asks of a file's status.
package struct FileStatus: Equatable, Sendable {
  package let device: UInt64
  package let inode: UInt64
  package let links: UInt64
  /// In bytes.
  package let size: Int
  /// Kind and permissions. The corresponding C field is `st_mode`.
  package let mode: UInt32
  /// The number of the user that it belongs to.
  package let owner: UInt32

  fileprivate init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    links = UInt64(status.st_nlink)
    size = Int(status.st_size)
    mode = status.st_mode
    owner = status.st_uid
  }

  /// The permissions of its group and of others.
  package var permissionsOfOthers: UInt32 { mode & 0o077 }
  package var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
  package var isRegularFile: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }

  /// The status of the file at `path`, symbolic links followed.
  package init(path: String) throws(Errno) {
    var status = stat()
    try retrying { unsafe stat(path, &status) }
    self.init(status)
  }

  /// The status of what is at `path` itself, be it a symbolic link.
  package init(ofLink path: String) throws(Errno) {
    var status = stat()
    try retrying { unsafe lstat(path, &status) }
    self.init(status)
  }
}

extension OwnedDescriptor {
  /// Opens a file; a created one is readable and writable by its owner only.
  package init(path: String, _ mode: OpenMode) throws(Errno) {
    self.init(adopting: try retrying { unsafe open(path, mode.rawValue | O_CLOEXEC, 0o600) })
  }

  /// Opens a regular file that has no other name, to append to; a missing one is made. Neither this nor a write to it waits
  /// for anybody.
  ///
  /// - Throws: `EINVAL` for anything else at the path, `ELOOP` for a symbolic link.
  package init(appendingTo path: String) throws(Errno) {
    let file = try OwnedDescriptor(path: path, [.write, .create, .append, .noFollow, .nonBlocking])
    let status = try file.status()
    guard status.isRegularFile, status.links <= 1 else { throw .invalidArgument }
    self = file
  }

  /// Takes a lock on the file that ends with the descriptor, if nobody has it.
  package func lockIfFree() -> Bool { flock(rawValue, LOCK_EX | LOCK_NB) == 0 }

  package func status() throws(Errno) -> FileStatus {
    var status = stat()
    try retrying { unsafe fstat(rawValue, &status) }
    return FileStatus(status)
  }

  /// The first bytes of the file.
  package func contents(limit: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = try retrying { unsafe pread(rawValue, &bytes, limit, 0) }
    return Array(bytes[..<count])
  }

  /// Replaces the file's contents.
  ///
  /// - Parameter size: what the file holds, where that is known, in bytes: it is shortened only if it is longer.
  package func overwrite(_ bytes: [UInt8], size: Int = .max) throws(Errno) {
    if size > bytes.count { try retrying { ftruncate(rawValue, off_t(bytes.count)) } }
    try retrying { unsafe pwrite(rawValue, bytes, bytes.count, 0) }
  }
}

/// Reads a descriptor to its end.
///
/// - Throws: `EFBIG` for more than `limit` bytes, or what `read` says.
package func readToEnd(_ descriptor: Int32, limit: Int) throws(Errno) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = try retrying { unsafe read(descriptor, &chunk, chunk.count) }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
    if bytes.count > limit { throw Errno(rawValue: EFBIG) }
  }
}

/// Writes all bytes, however many calls it takes.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(Errno) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = try retrying { unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) } }
    rest = rest.dropFirst(count)
  }
}

/// The contents of a small file such as those of /proc.
package func readFile(_ path: String, limit: Int = 65_536) throws(Errno) -> [UInt8] {
  let file = try OwnedDescriptor(path: path, .read)
  return try readToEnd(file.rawValue, limit: limit)
}

/// Makes a directory and its missing parents, accessible to their owner only.
package func makeDirectories(_ path: String) throws(Errno) {
  if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
  guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw .current }
  try makeDirectories(String(path[..<slash]))
  if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST { throw .current }
}

/// Changes the permissions of a file or directory, but of none that a symbolic link leads to.
package func setPermissions(_ permissions: UInt32, of path: String) throws(Errno) {
  let file = try OwnedDescriptor(path: path, [.read, .noFollow, .nonBlocking])
  try retrying { fchmod(file.rawValue, permissions) }
}

package func removeFile(_ path: String) throws(Errno) { try retrying { unsafe unlink(path) } }

package func renameFile(_ path: String, to newPath: String) throws(Errno) {
  try retrying { unsafe rename(path, newPath) }
}

/// Repeats a system call that a signal interrupted, and turns its failure into an error.
@discardableResult
func retrying<Number: SignedInteger>(_ call: () -> Number) throws(Errno) -> Number {
  while true {
    let result = call()
    if result >= 0 { return result }
    if errno != EINTR { throw .current }
  }
}
