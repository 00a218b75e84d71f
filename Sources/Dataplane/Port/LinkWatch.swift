internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute

/// Notices the deletion of links of a namespace from the moment it is made.
struct LinkWatch {
  let names: [String]
  let kernel: KernelNamespace
  private let notifications: NotificationSocket

  init(for names: [String], in kernel: KernelNamespace) throws(DataplaneError) {
    self.names = names
    self.kernel = kernel
    notifications = try kernel.inside("watch the links") { () throws(Errno) in try NotificationSocket(groups: [.link]) }
  }

  /// Waits until all links are deleted, or the child that deletes them has ended.
  ///
  /// - Returns: the links whose deletion was not seen: the child had nothing to delete, or notifications were lost.
  func awaitDeletion(by sender: DetachedSender, deadline: UInt64) throws(DataplaneError) -> [String] {
    var pending = names
    do throws(Errno) {
      while !pending.isEmpty {
        switch try sender.wait(orReadable: notifications.rawDescriptor, deadline: deadline) {
        case .readable:
          switch try notifications.next(milliseconds: 0) {
          case .messages(let messages):
            pending.removeAll { name in messages.contains { Link.deleted(by: $0)?.name == name } }
          case .overrun: return pending
          case .timedOut: continue
          }
        case .childEnded: return pending
        case .timedOut: break
        }
        if monotonicNanoseconds() >= deadline { break }
      }
    } catch {
      throw .system(operation: "watch the links", error)
    }
    if let name = pending.first { throw .stillThere(link: name) }
    return []
  }
}

extension KernelNamespace {
  /// Waits until a link has a carrier, or the deadline has passed.
  func awaitCarrier(of index: UInt32, deadline: UInt64) throws(DataplaneError) {
    let notifications = try inside("watch the links") { () throws(Errno) in try NotificationSocket(groups: [.link]) }
    let route = try route()
    while true {
      let link = try asking { () throws(NetlinkError) in try route.link(.index(index)) }
      let now = monotonicNanoseconds()
      if link?.flags.contains(.lowerUp) ?? true || now >= deadline { return }
      do throws(Errno) {
        _ = try notifications.next(milliseconds: Int32(clamping: (deadline - now) / 1_000_000 + 1))
      } catch {
        throw .system(operation: "watch the links", error)
      }
    }
  }
}
