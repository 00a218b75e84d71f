internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Examination {
  /// Whether what the plugin relies on is root's alone.
  func examineFiles() {
    let configuration = node.configuration
    let (run, state) = (configuration.runDirectory, configuration.stateDirectory)
    for directory in [run, "\(run)/locks", node.pins, state] { examine(directory: directory) }
    let locks = (try? fileNames(inDirectory: "\(run)/locks")) ?? []
    var files = ["\(run)/attachments.db", "\(state)/objects.db", "\(state)/objects.lock"]
    files += files.prefix(2).map { "\($0)-journal" } + locks.sorted().map { "\(run)/locks/\($0)" }
    if let log = configuration.logFile { files += [log, "\(log).1"] }
    for file in files { examine(file: file) }
  }

  private func examine(directory path: String) {
    guard let status = try? FileStatus(ofLink: path) else { return }
    guard status.isDirectory else {
      return note(Finding(.permissions, "\(path) is no directory", remedy: "rm \(path)"))
    }
    if status.owner != 0 {
      note(Finding(.permissions, "\(path) belongs to user \(status.owner)", remedy: "chown root \(path)"))
    }
    // Others may look into it: what is inside is closed to them.
    if status.mode & 0o022 != 0 {
      note(
        Finding(
          .permissions, "\(path) can be written by others: its mode is \(octal(status.mode))",
          .restrict(path: path, permissions: 0o700)))
    }
  }

  private func examine(file path: String) {
    guard let status = try? FileStatus(ofLink: path) else { return }
    guard status.isRegularFile, status.links == 1 else {
      let what = status.isRegularFile ? "has another name too" : "is no regular file"
      return note(Finding(.permissions, "\(path) \(what)", remedy: "rm \(path)"))
    }
    if status.owner != 0 {
      note(Finding(.permissions, "\(path) belongs to user \(status.owner)", remedy: "chown root \(path)"))
    }
    if status.permissionsOfOthers != 0 {
      note(
        Finding(
          .permissions, "\(path) is open to others: its mode is \(octal(status.mode))",
          .restrict(path: path, permissions: 0o600)))
    }
  }

  private func octal(_ mode: UInt32) -> String { "0" + String(mode & 0o7777, radix: 8) }

  /// Files of locks that nobody holds and to which nothing belongs.
  func examineLocks() throws {
    // Without a store nobody knows what belongs to what.
    guard isThere(node.store.path) else { return }
    let directory = "\(node.configuration.runDirectory)/locks"
    for file in try node.forgottenLocks(containers: true).sorted() {
      let path = "\(directory)/\(file)"
      guard let status = try? FileStatus(ofLink: path), status.isRegularFile, try LockFile.isFree(path: path) else {
        continue
      }
      note(Finding(.lockFile, "\(path) is left over", .removeLock(file: file)))
    }
  }
}
