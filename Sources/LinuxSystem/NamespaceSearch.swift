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
  namespaceMounts("thread-self").filter { $0.inode == identity.inode }.map(\.path)
}

/// A path for every network namespace that a process is in, or that is pinned where this process sees it; pins first.
package func networkNamespacePaths() -> [String] {
  var known: Set<UInt64> = []
  return (namespaceMounts("thread-self").map(\.path) + processNamespacePaths()).filter { path in
    guard let status = try? FileStatus(path: path) else { return false }
    return known.insert(status.inode).inserted
  }
}

/// A process in whose mount namespace a network namespace is pinned at the path.
package func processSeeing(_ identity: NamespaceIdentity, at path: String) -> Int32? {
  let names = (try? fileNames(inDirectory: "/proc")) ?? []
  return names.compactMap { Int32($0) }.sorted().first { process in
    namespaceMounts("\(process)").contains { $0.inode == identity.inode && $0.path == path }
  }
}

/// The network namespaces that are mounted where a process sees them.
private func namespaceMounts(_ process: String) -> [(inode: UInt64, path: String)] {
  guard let bytes = try? readFile("/proc/\(process)/mountinfo", limit: 16 << 20) else { return [] }
  return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
    guard fields.count > 4, fields[3].starts(with: "net:[".utf8),
      let inode = UInt64(String(decoding: fields[3].dropFirst(5).dropLast(), as: UTF8.self))
    else { return nil }
    return (inode, String(decoding: fields[4], as: UTF8.self))
  }
}
