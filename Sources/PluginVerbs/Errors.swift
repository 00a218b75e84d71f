internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import Netlink
internal import ObjectStore
internal import SQLite

// Where the errors of the layers below become what a runtime is told.

extension CNIError {
  /// Any error of the layers below.
  init(converting error: any Error) {
    switch error {
    case let error as CNIError: self = error
    case let error as StoreError: self.init(error)
    case let error as AllocationError<StoreError>: self.init(error)
    case let error as DataplaneError: self.init(error)
    case let error as LockFile.Failure: self.init(error)
    default: self.init(.internalFailure, "unexpected failure", "\(error)")
    }
  }

  init(_ error: LockFile.Failure) {
    switch error {
    case .timedOut(let path, let holder):
      self.init(
        .tryAgainLater, "contrail.lock-timeout: the lock \(path) was not free in time",
        holder.isEmpty ? "" : "held by \(holder)")
    case .system(let path, let errno):
      self.init(
        .ioFailure, "cannot use the lock \(path): \(errno)", "contrail.run-dir must be a directory that root can write")
    }
  }

  init(_ error: StoreError) {
    switch error {
    case .database(let path, let cause):
      let hint = cause.isUnwritable ? "is its file system full or read-only?" : ""
      self.init(.ioFailure, "cannot use the store \(path): \(cause.message)", "\(cause.operation); \(hint)")
    case .newerSchema(let path, let found, let supported):
      self.init(
        .storeUnusable, "the store \(path) has schema \(found), and this version knows \(supported) at most",
        "use the version that wrote it, or a later one")
    case .unreadableObject(let path, let reason):
      self.init(.storeUnusable, "the store \(path) holds an object that cannot be read", reason)
    case .corrupt(let path, let cause):
      self.init(
        .storeUnusable, "the store \(path) is damaged: \(cause.message)",
        path.hasSuffix("/objects.db")
          ? "restore it from a copy, or remove it and apply the definitions again"
          : "while pods of this node are attached it is not replaced: remove them, and it is set aside with the last")
    case .foreignEpoch(let path, let recorded, let current):
      self.init(
        .ioFailure, "the store \(path) is of another network namespace that still exists",
        "recorded \(recorded.namespace.inode), this process is in \(current.namespace.inode): "
          + "run the plugin in the node's namespace, or give each node its own contrail.run-dir")
    case .lock(let failure): self.init(failure)
    case .system(let path, let errno): self.init(.ioFailure, "\(path): \(errno)")
    }
  }

  init(_ error: AllocationError<StoreError>) {
    switch error {
    case .store(let failure): self.init(failure)
    case .refused(let refusal):
      switch refusal {
      case .exhausted, .held: self.init(.tryAgainLater, refusal.description, refusal.expectation)
      case .alreadyAllocated: self.init(.interfaceExists, refusal.description)
      case .unaccounted: self.init(.storeUnusable, refusal.description)
      default: self.init(.invalidConfiguration, refusal.description, refusal.expectation)
      }
    }
  }
}

extension Refusal {
  /// What would be right.
  fileprivate var expectation: String {
    func list(_ items: [some CustomStringConvertible]) -> String {
      items.prefix(5).map(\.description).joined(separator: ", ") + (items.count > 5 ? "…" : "")
    }
    switch self {
    case .gateway: return "expected another address: pods cannot have their gateway's"
    case .notInSubnet(_, let subnets, _): return "expected an address of \(list(subnets))"
    case .notAHostAddress(_, let prefix, _):
      return "expected an address within \(prefix), neither its first nor its last"
    case .excluded(_, let prefix, _): return "expected an address outside of \(prefix)"
    case .outsideRanges(_, let ranges, _): return "expected an address of \(list(ranges))"
    case .held: return "wait until the pod is gone, or ask for another"
    default: return ""
    }
  }
}

extension CNIError {
  init(_ error: DataplaneError) {
    switch error {
    case .interfaceExists(let name):
      self.init(.interfaceExists, "an interface \(name) exists in the pod already", "it was left as it is")
    case .bridgeFull(_, let bridge, let limit):
      self.init(
        .tryAgainLater, "bridge \(bridge) is full: the kernel's limit is \(limit) ports",
        "wait until pods of this node are gone, or use another node")
    case .foreignPin(let path):
      self.init(
        .ioFailure, error.description,
        "the file was removed, or the instance was made in a mount namespace that this process does not share: this one "
          + "is in \(mountNamespace()). Run the plugin in the node's, or make \(directory(of: path)) a mount that both "
          + "share; the instance is made anew when the last of its pods is gone")
    case .foreignLink: self.init(.kernelRefused, error.description, "rename or remove it")
    case .instanceMissing, .leftover: self.init(.kernelRefused, error.description)
    case .stillThere(let link): self.init(.kernelRefused, "link \(link) was not gone in time")
    case .system(let operation, let errno):
      self.init(
        errno == .operationNotPermitted ? .ioFailure : .kernelRefused, "\(operation): \(errno)", remedy(errno))
    case .netlink(let error):
      self.init(
        error.errno == .operationNotPermitted ? .ioFailure : .kernelRefused, "\(error)",
        error.errno == .noSuchFile && error.operation.hasSuffix("(\(ConnectionLimit.tooMany))")
          ? "Linux \(KernelRelease.current.text) lacks nft_connlimit: without it contrail.connection-limit must be 0"
          : remedy(error.errno))
    }
  }
}

private func directory(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
}

/// `mnt:[4026531841]`, as `lsns` and `/proc/PID/ns` show it.
private func mountNamespace() -> String { (try? linkTarget("/proc/thread-self/ns/mnt")) ?? "an unknown one" }

/// What would make the kernel do it, where its refusal says so.
private func remedy(_ errno: Errno) -> String {
  if errno == .operationNotPermitted { return "the plugin must run as root with CAP_NET_ADMIN and CAP_SYS_ADMIN" }
  let kernel = KernelRelease.current
  if kernel.isBefore(5, 14) { return "this is Linux \(kernel.text); the plugin needs 5.14 or later" }
  let isLacking = [.protocolNotSupported, .notSupported, .addressFamilyNotSupported].contains(errno)
  return isLacking
    ? "Linux \(kernel.text) lacks what the plugin needs: veth, bridge, and nf_tables for the families bridge and inet "
      + "(modprobe veth bridge nf_tables)" : ""
}
