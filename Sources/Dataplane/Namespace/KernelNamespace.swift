package import LinuxSystem
package import Netlink

/// A network namespace and this process's sockets in it, opened at first use and kept.
package final class KernelNamespace {
  /// Opens a socket in the thread's network namespace; tests put something else in its place.
  package typealias Opener = (NetlinkProtocol) throws(Errno) -> any Transport

  /// The file that stands for the namespace; empty for the node's own.
  package let path: String
  package let namespace: NetworkNamespace
  package let identity: NamespaceIdentity
  private let home: KernelNamespace?
  private let open: Opener
  /// Is told of every request to the kernel, in whichever namespace; set for the node's, it counts for those opened later.
  package var observer: ((_ operation: String, NetlinkError?) -> Void)?
  private var routeConnection: Connection?
  private var netfilterConnection: Connection?
  /// The netfilter socket's descriptor, once it is open.
  private(set) var netfilterDescriptor: Int32?

  /// The namespace that the thread is in.
  init(open: @escaping Opener) throws(Errno) {
    namespace = try NetworkNamespace.current()
    identity = NamespaceIdentity(inode: namespace.inode, cookie: try NetworkNamespace.currentCookie())
    path = ""
    home = nil
    self.open = open
  }

  /// - Throws: the path's errors, or `EINVAL` for a file that is no network namespace.
  convenience init(path: String, home: KernelNamespace) throws(Errno) {
    try self.init(adopting: NetworkNamespace(path: path), path: path, home: home)
  }

  init(adopting namespace: consuming NetworkNamespace, path: String, home: KernelNamespace) throws(Errno) {
    identity = NamespaceIdentity(inode: namespace.inode, cookie: try namespace.cookie(from: home.namespace))
    self.namespace = namespace
    self.path = path
    self.home = home
    open = home.open
    observer = home.observer
  }

  /// Links, addresses, routes, neighbours.
  func route() throws(DataplaneError) -> Connection {
    if let routeConnection { return routeConnection }
    let connection = Connection(try routeTransport())
    connection.observer = observer
    routeConnection = connection
    return connection
  }

  /// nf_tables.
  func netfilter() throws(DataplaneError) -> Connection {
    if let netfilterConnection { return netfilterConnection }
    let transport = try inside("open a netfilter socket") { () throws(Errno) in try open(.netfilter) }
    netfilterDescriptor = (transport as? NetlinkSocket)?.rawDescriptor
    let connection = Connection(transport)
    connection.observer = observer
    netfilterConnection = connection
    return connection
  }

  /// A route socket of its own, for somebody who keeps it.
  func routeTransport() throws(DataplaneError) -> any Transport {
    try inside("open a route socket") { () throws(Errno) in try open(.route) }
  }

  /// Runs `body` with the thread in this namespace.
  func inside<Result>(_ operation: String, _ body: () throws(Errno) -> Result) throws(DataplaneError) -> Result {
    let place = path.isEmpty ? operation : "\(operation) in \(path)"
    do throws(Errno) {
      guard let home else { return try body() }
      return try namespace.enter(from: home.namespace, body)
    } catch {
      throw .system(operation: place, error)
    }
  }
}
