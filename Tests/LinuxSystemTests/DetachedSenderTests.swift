import CLinux
import Glibc
import LinuxSystem
import Testing

/// The child that sends holds nothing but its socket and one more, so that nobody waits for it.
///
/// Each test is a process, whose only child it is. A socket of the tests' own takes the place of the kernel's: the child waits for its answer as long as the test wants.
@Suite struct DetachedSenderTests {
  @Test func theChildHoldsTheDescriptorsThatItNeeds() async {
    await #expect(processExitsWith: .success) {
      // Should it hold more than it may, it would keep this process from being noticed to have ended.
      defer { for child in children() { kill(child, SIGKILL) } }
      let directory = TestDirectory()
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
      let kept = open("/dev/null", O_RDONLY)
      let between = open("/dev/null", O_RDONLY)
      let another = open("/dev/null", O_RDONLY)
      let lock = try LockFile(path: directory.path + "/lock", .exclusive, deadline: 0)
      let sender = try DetachedSender(datagram: [1, 2, 3], socket: ends[0], keeping: [another, kept])
      #expect(try readOne(ends[1]) == [1, 2, 3])
      #expect(sender.answer.rawValue == EINPROGRESS)
      // It has sent after it closed the others.
      let child = try #require(children().first { descriptors(of: $0) == [ends[0], kept, another].sorted() })
      extendLifetime(lock)
      #expect(try sender.wait(orReadable: kept, deadline: 0) == .readable)
      var silent: [Int32] = [0, 0]
      try #require(pipe(&silent) == 0)
      #expect(try sender.wait(orReadable: silent[0], deadline: soon(50)) == .timedOut)
      #expect(kill(child, 0) == 0)
      // An answer as netlink gives it: the error ENODEV.
      #expect(write(ends[1], acknowledgement(-ENODEV), 36) == 36)
      #expect(try sender.wait(orReadable: silent[0], deadline: soon(10_000)) == .childEnded)
      #expect(sender.answer == .noSuchDevice)
      for descriptor in ends + silent + [kept, between, another] { close(descriptor) }
      waitpid(child, nil, 0)
    }
  }

  @Test(arguments: [(0 as Int32, 0 as Int32), (-ENODEV, ENODEV), (-EPERM, EPERM)])
  func answers(_ status: Int32, _ expected: Int32) async {
    await #expect(processExitsWith: .success) { [status = status as Int32, expected = expected as Int32] in
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
      let sender = try DetachedSender(datagram: [7], socket: ends[0])
      #expect(write(ends[1], acknowledgement(status), 36) == 36)
      #expect(try sender.awaitEnd(deadline: soon(10_000)))
      #expect(sender.answer.rawValue == expected)
      for descriptor in ends { close(descriptor) }
    }
  }

  @Test func aSocketThatFails() async {
    await #expect(processExitsWith: .success) {
      let sender = try DetachedSender(datagram: [7], socket: 987)
      #expect(try sender.awaitEnd(deadline: soon(10_000)))
      #expect(sender.answer == .badDescriptor)
    }
  }

  /// The parent is gone, the child still waits: what the parent held is free.
  @Test func theParentsLocksEndWithTheParent() async throws {
    let directory = TestDirectory()
    let server = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0)
    try #require(withAddress(directory.path + "/socket") { bind(server, $0, $1) } == 0 && listen(server, 1) == 0)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
      let client = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0)
      try #require(withAddress(path + "/socket") { connect(client, $0, $1) } == 0)
      let lock = try LockFile(path: path + "/lock", .exclusive, deadline: 0)
      let sender = try DetachedSender(datagram: [42], socket: client)
      extendLifetime(sender)
      kill(getpid(), SIGKILL)
      extendLifetime(lock)
    }
    let connection = accept(server, nil, nil)
    #expect(try readOne(connection) == [42])
    extendLifetime(try LockFile(path: directory.path + "/lock", .exclusive, deadline: 0))
    // It is still there: its end of the connection is open.
    var byte: UInt8 = 0
    #expect(recv(connection, &byte, 1, Int32(MSG_DONTWAIT)) == -1 && errno == EAGAIN)
    for descriptor in [connection, server] { close(descriptor) }
  }
}

private func readOne(_ descriptor: Int32) throws -> [UInt8] {
  var buffer = [UInt8](repeating: 0, count: 100)
  let count = recv(descriptor, &buffer, buffer.count, 0)
  try #require(count >= 0)
  return Array(buffer[..<count])
}

/// `NLMSG_ERROR` with this status.
private func acknowledgement(_ status: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 36)
  bytes[0] = 36
  bytes[4] = 2
  withUnsafeBytes(of: status) { bytes.replaceSubrange(16..<20, with: $0) }
  return bytes
}

private func children() -> [Int32] {
  names(in: "/proc/self/task").flatMap { thread in
    let bytes = (try? readFile("/proc/self/task/\(thread)/children")) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
  }
}

private func descriptors(of process: Int32) -> [Int32] {
  names(in: "/proc/\(process)/fd").compactMap { Int32($0) }.sorted()
}

private func names(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }
  return names.filter { !$0.hasPrefix(".") }
}

private func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
  }
}
