internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute

/// Notices the deletion of links in the node's namespace from the moment it is made.
struct LinkWatch {
  private let notifications: NotificationSocket

  init() throws(DataplaneError) {
    do throws(Errno) { notifications = try NotificationSocket(groups: [.link]) } catch {
      throw .system(operation: "watch the links", error)
    }
  }

  /// Waits until all links are deleted, or the child that deletes them has ended.
  ///
  /// - Returns: the links whose deletion was not seen: the child had nothing to delete, or notifications were lost.
  func awaitDeletion(
    of names: [String], by sender: DetachedSender, deadline: UInt64
  ) throws(DataplaneError) -> [String] {
    var pending = names
    do {
      while !pending.isEmpty {
        switch try sender.wait(orReadable: notifications.rawDescriptor, deadline: deadline) {
        case .readable:
          switch try notifications.next(milliseconds: 0) {
          case .messages(let messages): pending.removeAll { name in messages.contains { Link.deleted(by: $0)?.name == name } }
          case .overrun: return pending
          case .timedOut: continue
          }
        case .childEnded: return pending
        case .timedOut: throw DataplaneError.stillThere(link: pending[0])
        }
      }
    } catch let error as DataplaneError {
      throw error
    } catch {
      throw .system(operation: "watch the links", error as? Errno ?? .ioError)
    }
    return []
  }
}
