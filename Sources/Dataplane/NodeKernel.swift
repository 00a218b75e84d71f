package import LinuxSystem
internal import Netlink

/// The kernel of the node, seen from the node's network namespace.
package final class NodeKernel {
  /// The node's own namespace, which the thread is in whenever it does not look into another.
  package let node: KernelNamespace

  /// - Parameter open: how sockets are opened; tests put something else in its place.
  package init(
    open: @escaping KernelNamespace.Opener = { (kind) throws(Errno) in try NetlinkSocket(kind) }
  ) throws(Errno) {
    node = try KernelNamespace(open: open)
  }

  /// Opens another namespace.
  ///
  /// - Throws: the path's errors, or `EINVAL` for a file that is no network namespace.
  package func namespace(at path: String) throws(Errno) -> KernelNamespace {
    try KernelNamespace(path: path, home: node)
  }

  /// Opens the namespace at `path` if it still is the one that was recorded.
  package func namespace(at path: String, recorded: NamespaceIdentity) -> KernelNamespace? {
    guard !path.isEmpty, let found = try? namespace(at: path), found.identity == recorded else { return nil }
    return found
  }
}
