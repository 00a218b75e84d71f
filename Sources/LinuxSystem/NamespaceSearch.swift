/// Whether a network namespace of this identity still exists: held by a process, or pinned by a mount that this process
/// sees.
///
/// It looks at every process, so it is for the rare question only.
package func networkNamespaceExists(_ identity: NamespaceIdentity) -> Bool {
  processNamespacePaths().contains { isNamespace(at: $0, identity) }
    || pinnedPaths(of: identity).contains {
      isNamespace(at: $0, identity)
    }
}

private func isNamespace(at path: String, _ identity: NamespaceIdentity) -> Bool {
  guard let status = try? FileStatus(path: path), status.inode == identity.inode,
    let home = try? NetworkNamespace.current(), let namespace = try? NetworkNamespace(path: path),
    let cookie = try? namespace.cookie(from: home)
  else { return false }
  return cookie == identity.cookie
}

private func processNamespacePaths() -> [String] {
  let names = (try? fileNames(inDirectory: "/proc")) ?? []
  return names.filter { $0.utf8.allSatisfy { (48...57).contains($0) } }.map { "/proc/\($0)/ns/net" }
}

/// The mount points that `/proc/thread-self/mountinfo` shows for `net:[inode]`.
private func pinnedPaths(of identity: NamespaceIdentity) -> [String] {
  guard let bytes = try? readFile("/proc/thread-self/mountinfo", limit: 16 << 20) else { return [] }
  return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
    let fields = line.split(separator: UInt8(ascii: " "))
    guard fields.count > 4, fields[3].elementsEqual("net:[\(identity.inode)]".utf8) else { return nil }
    return String(decoding: fields[4], as: UTF8.self)
  }
}
