package import LinuxSystem
package import Netlink

/// Why the kernel's part of an operation failed.
package enum DataplaneError: Error {
  /// The kernel refused a request.
  case netlink(NetlinkError)
  /// A system call failed; what it was for.
  case system(operation: String, Errno)
  /// The pod has a link of that name that is not ours.
  case interfaceExists(name: String)
  /// The host end exists, though nothing is recorded of it.
  case leftover(link: String)
  /// The routing instance, or a part of it, is not in the kernel.
  case instanceMissing
  /// The pin of a routing instance is not the namespace that the store knows.
  case foreignPin(path: String)
  /// The bridge that a pod's interface needs has no room for another port.
  case bridgeFull(interface: String, bridge: String, limit: Int)
  /// A link that is not ours has the name that our bridge needs.
  case foreignLink(name: String, kind: String)
  /// A link was still there at the deadline.
  case stillThere(link: String)
}

extension DataplaneError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .netlink(let error): error.description
    case .system(let operation, let errno): "\(operation): \(errno)"
    case .interfaceExists(let name): "the pod has an interface \(name) already"
    case .leftover(let link): "the link \(link) exists, though nothing is recorded of it"
    case .instanceMissing: "the routing instance is not there"
    case .foreignPin(let path): "\(path) is not the network namespace that was pinned there"
    case .bridgeFull(_, let bridge, let limit): "bridge \(bridge) is full: it has \(limit) ports"
    case .foreignLink(let name, let kind): "the link \(name) exists and is no bridge but \(kind)"
    case .stillThere(let link): "link \(link) was not gone in time"
    }
  }
}

/// Runs kernel requests and makes their failure one of the dataplane.
func asking<Result>(_ body: () throws(NetlinkError) -> Result) throws(DataplaneError) -> Result {
  do { return try body() } catch { throw .netlink(error) }
}
