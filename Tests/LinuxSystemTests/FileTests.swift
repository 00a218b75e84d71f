import Glibc
import LinuxSystem
import Testing

struct FileTests {
  /// Whatever the mask: what is in these directories is nobody else's business.
  @Test func directoriesAreTheirOwnersOnly() throws {
    let directory = TestDirectory()
    let path = directory.path + "/a/b/c"
    try makeDirectories(path)
    try makeDirectories(path)
    for part in ["/a", "/a/b", "/a/b/c"] {
      var status = stat()
      #expect(stat(directory.path + part, &status) == 0 && status.st_mode & 0o7777 == 0o700)
    }
    let file = directory.path + "/file"
    _ = try OwnedDescriptor(path: file, [.write, .create])
    #expect(throws: Errno.notDirectory) { try makeDirectories(file + "/a") }
    #expect(throws: Errno.notDirectory) { try makeDirectories(file + "/a/b") }
    #expect(throws: Errno.self) { try makeDirectories("/proc/nonexistent/a") }
  }

  @Test func contents() throws {
    let directory = TestDirectory()
    let path = directory.path + "/file"
    do {
      let file = try OwnedDescriptor(path: path, [.readWrite, .create])
      #expect(fcntl(file.rawValue, F_GETFD) & FD_CLOEXEC != 0)
      try file.overwrite(Array("a long text".utf8))
      try file.overwrite(Array("short".utf8))
      #expect(try file.status().size == 5)
    }
    #expect(try readFile(path) == Array("short".utf8))
    #expect(throws: Errno(rawValue: EFBIG)) { _ = try readFile(path, limit: 4) }
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    try renameFile(path, to: path + "2")
    try removeFile(path + "2")
    #expect(throws: Errno.noSuchFile) { try removeFile(path) }
    #expect(throws: Errno.noSuchFile) { _ = try FileStatus(path: path) }
  }

  /// More than a pipe holds, written and read in as many calls as it takes.
  @Test func longWritesAreWhole() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let writer = Thread { [end = ends[1]] in
      try? writeAll(bytes, to: end)
      close(end)
    }
    #expect(try readToEnd(ends[0], limit: 2_000_000) == bytes)
    writer.join()
    close(ends[0])
  }

  /// A link that somebody else put in our way is not followed to write.
  @Test func linksAreNotFollowed() throws {
    let directory = TestDirectory()
    let target = directory.path + "/target"
    let link = directory.path + "/link"
    symlink(target, link)
    #expect(throws: Errno.tooManyLinks) { _ = try OwnedDescriptor(path: link, [.write, .create, .noFollow]) }
    #expect(throws: Errno.tooManyLinks) { _ = try OwnedDescriptor(appendingTo: link) }
    #expect(access(target, F_OK) != 0)
  }
}
