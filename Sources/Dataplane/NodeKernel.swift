internal import Glibc
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

  /// Opens the namespace at `path` if it still is the one that was recorded; `nil` where there is another one, or none.
  package func namespace(
    at path: String, recorded: NamespaceIdentity
  ) throws(DataplaneError) -> KernelNamespace? {
    if path.isEmpty { return nil }
    do throws(Errno) {
      let found = try namespace(at: path)
      return found.identity == recorded ? found : nil
    } catch {
      // Only these say that it is not there; what cannot be looked at may well be.
      if [ENOENT, ENOTDIR, ENXIO, ELOOP, EINVAL].contains(error.rawValue) { return nil }
      throw .system(operation: "open the network namespace \(path)", error)
    }
  }
}
