internal import CLinux
internal import Glibc

/// A network namespace that a file keeps alive: a bind mount of the namespace on it.
package enum NamespacePin {
  /// Makes a network namespace and pins it at `directory/name`.
  ///
  /// The directory is made a shared mount, so that other mount namespaces that share it see the pin. One that does not
  /// shows an empty file.
  ///
  /// - Parameter home: where the thread returns to.
  package static func create(
    _ name: String, in directory: String, home: borrowing NetworkNamespace
  ) throws(Errno) -> NetworkNamespace {
    try share(directory)
    let path = directory + "/" + name
    _ = try OwnedDescriptor(path: path, [.read, .create, .noFollow])
    do throws(Errno) {
      return try home.leaving { () throws(Errno) in
        try retrying { unshare(clinux_clone_newnet) }
        try bind("/proc/thread-self/ns/net", at: path)
        return try NetworkNamespace(path: path)
      }
    } catch {
      try? removeFile(path)
      throw error
    }
  }

  /// Takes the pin away; the namespace ends when nothing else holds it. A pin that is gone is nothing to take away.
  package static func remove(_ path: String) throws(Errno) {
    // EINVAL: a file without a mount, or a symbolic link, which is none of ours.
    if unsafe umount2(path, clinux_mnt_detach | clinux_umount_nofollow) != 0 && errno != EINVAL && errno != ENOENT {
      throw .current
    }
    do throws(Errno) { try removeFile(path) } catch {
      if error != .noSuchFile { throw error }
    }
  }

  /// Makes the directory a mount that is shared with the mount namespaces made from this one.
  private static func share(_ directory: String) throws(Errno) {
    try makeDirectories(directory)
    if unsafe mount("none", directory, nil, clinux_ms_shared, nil) == 0 { return }
    // EINVAL: no mount point yet.
    if errno != EINVAL { throw .current }
    try bind(directory, at: directory)
    try retrying { unsafe mount("none", directory, nil, clinux_ms_shared, nil) }
  }

  private static func bind(_ source: String, at target: String) throws(Errno) {
    try retrying { unsafe mount(source, target, nil, clinux_ms_bind, nil) }
  }
}
