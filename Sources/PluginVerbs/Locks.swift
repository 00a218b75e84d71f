internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments

/// The locks of a call, always taken in this order: container, routing instance, store. The store takes its own.
struct Locks {
  private let directory: String
  private let note: String
  private let timeout: UInt64

  /// - Parameters:
  ///   - note: what those who wait for one of our locks are told.
  ///   - timeout: for each lock, in nanoseconds.
  init(_ runDirectory: String, note: String, timeout: UInt64) {
    directory = runDirectory + "/locks"
    self.note = note
    self.timeout = timeout
  }

  func makeDirectory() throws(CNIError) {
    do { try makeDirectories(directory) } catch {
      throw CNIError(
        .ioFailure, "contrail.run-dir: cannot make \(directory): \(error)", "expected a writable directory")
    }
  }

  /// Nothing else happens to this container's attachments while this is held.
  func container(_ containerID: String) throws(CNIError) -> LockFile {
    try take(file(ofContainer: containerID), .exclusive)
  }

  /// Holds a container's lock for its removal; the lock's file goes with it.
  func removing(_ containerID: String, _ body: () throws -> Void) throws {
    let lock = try container(containerID)
    do { try body() } catch {
      // The first error is the one to tell.
      try? lock.removeFile()
      throw error
    }
    try lock.removeFile()
  }

  /// The lock without waiting: `nil` if somebody works on the container.
  func containerIfFree(_ containerID: String) throws(CNIError) -> LockFile? {
    try takeIfFree(file(ofContainer: containerID))
  }

  /// Shared while attaching to an instance, exclusive to make, mend or remove one, with intent to look whether that has to
  /// be.
  func instance(_ name: String, _ mode: LockFile.Mode) throws(CNIError) -> LockFile {
    try take(Self.file(ofInstance: name), mode)
  }

  /// Waits until those who share the lock have gone.
  func makeExclusive(_ lock: borrowing LockFile) throws(CNIError) {
    do { try lock.becomeExclusive(deadline: monotonicNanoseconds() + timeout) } catch { throw CNIError(error) }
  }

  /// The transit, whoever changes it: after the instances' locks.
  func transit() throws(CNIError) -> LockFile { try take(Self.transitFile, .exclusive) }

  /// The uplinks and the node's rules about them, whoever changes them: after the instances' locks.
  func uplinks() throws(CNIError) -> LockFile { try take(Self.uplinksFile, .exclusive) }

  /// The routes of an instance's gateway to pairs: after the instance's lock.
  func pairs(_ instance: String) throws(CNIError) -> LockFile {
    try take("pairs-\(NodeNames.pin(ofNetwork: instance))", .exclusive)
  }

  /// An instance to remove: `nil` if somebody goes on attaching to it.
  ///
  /// It is waited for a little: who has just removed another attachment may still hold it, and saw ours in use.
  func instanceIfFree(_ name: String) throws(CNIError) -> LockFile? {
    try takeIfFree(Self.file(ofInstance: name), patience: 1_000_000_000)
  }

  /// The lock's file of an instance.
  static func file(ofInstance name: String) -> String { "instance-\(NodeNames.pin(ofNetwork: name))" }

  static let transitFile = "transit"
  static let uplinksFile = "uplinks"

  /// The lock's file of a container. IDs may be longer than a file's name; the hash tells long ones apart.
  func file(ofContainer id: String) -> String {
    let name = id.utf8.count <= 200 ? id : String(Substring(id.utf8.prefix(180))) + "-" + stableHash(id)
    return Self.containerPrefix + name
  }

  func isOfContainer(_ file: String) -> Bool { file.hasPrefix(Self.containerPrefix) }

  private static let containerPrefix = "container-"

  /// The lock files that are there, but for the store's, which stays.
  func files() throws(CNIError) -> [String] {
    do throws(Errno) { return try fileNames(inDirectory: directory).filter { $0 != "store" } } catch {
      throw CNIError(.ioFailure, "contrail.run-dir: cannot read \(directory): \(error)")
    }
  }

  /// Removes a lock's file, unless somebody holds it.
  func removeIfFree(_ file: String) throws {
    if let lock = try takeIfFree(file) { try lock.removeFile() }
  }

  private func take(_ name: String, _ mode: LockFile.Mode) throws(CNIError) -> LockFile {
    do {
      return try LockFile(
        path: "\(directory)/\(name)", mode, deadline: monotonicNanoseconds() + timeout, note: note)
    } catch {
      throw CNIError(error)
    }
  }

  /// - Parameter patience: how long to wait, in nanoseconds.
  private func takeIfFree(_ name: String, patience: UInt64 = 0) throws(CNIError) -> LockFile? {
    do {
      let deadline = patience == 0 ? 0 : monotonicNanoseconds() + min(patience, timeout)
      return try LockFile(path: "\(directory)/\(name)", .exclusive, deadline: deadline, note: note)
    } catch {
      if case .timedOut = error { return nil }
      throw CNIError(error)
    }
  }
}

/// FNV-1a, in hexadecimal.
private func stableHash(_ text: String) -> String {
  String(text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
}
