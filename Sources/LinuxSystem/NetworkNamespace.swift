internal import CLinux
internal import Glibc

/// What tells one network namespace of this boot from every other: its inode on nsfs, and the kernel's cookie, which is
/// never used twice.
package struct NamespaceIdentity: Hashable, Sendable {
  package let inode: UInt64
  /// The corresponding C constant is `SO_NETNS_COOKIE`.
  package let cookie: UInt64

  package init(inode: UInt64, cookie: UInt64) {
    self.inode = inode
    self.cookie = cookie
  }
}

/// An open network namespace.
package struct NetworkNamespace: ~Copyable {
  package let descriptor: OwnedDescriptor
  package let inode: UInt64

  /// Opens the namespace that a file stands for.
  ///
  /// - Throws: `ENOENT` and the like for the path; `EINVAL` if the file is no network namespace, as a bind mount made in
  ///   another mount namespace is not.
  package init(path: String) throws(Errno) {
    // A pipe in its place would be waited for.
    let descriptor = try OwnedDescriptor(path: path, [.read, .nonBlocking])
    guard ioctl(descriptor.rawValue, UInt(clinux_ns_get_nstype)) == clinux_clone_newnet else {
      throw .invalidArgument
    }
    inode = try descriptor.status().inode
    self.descriptor = descriptor
  }

  /// A new namespace that nothing but this value keeps; the thread comes from `home`.
  package static func unnamed(from home: borrowing NetworkNamespace) throws(Errno) -> NetworkNamespace {
    try home.leaving { () throws(Errno) in
      try retrying { unshare(clinux_clone_newnet) }
      return try current()
    }
  }

  /// The calling thread's own namespace.
  package static func current() throws(Errno) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/thread-self/ns/net")
  }

  /// The kernel's cookie of this namespace, asked of a socket inside it; the thread comes from `home`.
  package func cookie(from home: borrowing NetworkNamespace) throws(Errno) -> UInt64 {
    try enter(from: home) { () throws(Errno) in try Self.currentCookie() }
  }

  /// The cookie of the namespace that the thread is in.
  package static func currentCookie() throws(Errno) -> UInt64 {
    let socket = OwnedDescriptor(adopting: try retrying { Glibc.socket(AF_UNIX, clinux_sock_dgram, 0) })
    return try namespaceCookie(ofSocket: socket.rawValue)
  }

  /// Runs `body`, which may leave this namespace, and takes the calling thread back.
  func leaving<Result: ~Copyable>(_ body: () throws(Errno) -> Result) throws(Errno) -> Result {
    defer { if setns(descriptor.rawValue, clinux_clone_newnet) != 0 { abort() } }
    return try body()
  }

  /// Runs `body` with the calling thread in this namespace and takes it back to `home`.
  ///
  /// Only sockets should be opened inside: they stay in the namespace they were opened in.
  package func enter<Result: ~Copyable>(
    from home: borrowing NetworkNamespace, _ body: () throws(Errno) -> Result
  ) throws(Errno) -> Result {
    guard setns(descriptor.rawValue, clinux_clone_newnet) == 0 else { throw .current }
    defer {
      // A thread that cannot go home would do the node's work in a pod's namespace.
      if setns(home.descriptor.rawValue, clinux_clone_newnet) != 0 { abort() }
    }
    return try body()
  }
}

/// The cookie of the network namespace a socket was opened in.
package func namespaceCookie(ofSocket descriptor: Int32) throws(Errno) -> UInt64 {
  var cookie: UInt64 = 0
  var size = socklen_t(MemoryLayout<UInt64>.size)
  guard unsafe getsockopt(descriptor, SOL_SOCKET, clinux_so_netns_cookie, &cookie, &size) == 0 else { throw .current }
  return cookie
}
