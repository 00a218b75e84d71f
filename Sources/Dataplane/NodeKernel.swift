package import LinuxSystem
package import Netlink
internal import NetlinkRoute

/// The kernel of the node, seen from the node's network namespace.
///
/// Sockets are opened at first use and kept.
package final class NodeKernel {
  /// Opens a socket in the thread's network namespace; tests put something else in its place.
  package typealias Opener = (NetlinkProtocol) throws(Errno) -> any Transport

  /// The node's namespace, which the thread is in whenever it does not look into a pod's.
  package let home: NetworkNamespace
  private let open: Opener
  private var routeConnection: Connection?
  private var netfilterConnection: Connection?
  private var netfilterDescriptor: Int32?

  package init(
    home: consuming NetworkNamespace,
    open: @escaping Opener = { (kind) throws(Errno) in try NetlinkSocket(kind) }
  ) {
    self.home = home
    self.open = open
  }

  /// Links, addresses, routes, neighbours of the node.
  func route() throws(DataplaneError) -> Connection {
    if let routeConnection { return routeConnection }
    let connection = Connection(try transport(.route, "open a route socket"))
    routeConnection = connection
    return connection
  }

  /// nf_tables of the node.
  func netfilter() throws(DataplaneError) -> Connection {
    if let netfilterConnection { return netfilterConnection }
    let transport = try transport(.netfilter, "open a netfilter socket")
    netfilterDescriptor = (transport as? NetlinkSocket)?.rawDescriptor
    let connection = Connection(transport)
    netfilterConnection = connection
    return connection
  }

  /// The netfilter socket's descriptor, once it is open.
  var openNetfilterDescriptor: Int32? { netfilterDescriptor }

  /// A route socket inside a pod's namespace.
  func routeTransport(in pod: PodNamespace) throws(DataplaneError) -> any Transport {
    try pod.namespace.enter(
      from: home, orThrow: { .system(operation: "enter the network namespace \(pod.path)", $0) }
    ) { () throws(DataplaneError) in try transport(.route, "open a route socket in \(pod.path)") }
  }

  func transport(_ kind: NetlinkProtocol, _ operation: String) throws(DataplaneError) -> any Transport {
    do throws(Errno) { return try open(kind) } catch { throw .system(operation: operation, error) }
  }
}

/// A pod's network namespace, opened, and told apart from every other one.
package final class PodNamespace {
  package let path: String
  let namespace: NetworkNamespace
  package let identity: NamespaceIdentity

  /// - Throws: the path's errors, or `EINVAL` for a file that is no network namespace.
  package init(path: String, home: borrowing NetworkNamespace) throws(Errno) {
    namespace = try NetworkNamespace(path: path)
    self.path = path
    identity = NamespaceIdentity(inode: namespace.inode, cookie: try namespace.cookie(from: home))
  }

  /// The namespace at `path` if it still is the one that was recorded.
  package static func find(
    path: String, recorded: NamespaceIdentity, home: borrowing NetworkNamespace
  ) -> PodNamespace? {
    guard !path.isEmpty, let found = try? PodNamespace(path: path, home: home), found.identity == recorded else {
      return nil
    }
    return found
  }
}
