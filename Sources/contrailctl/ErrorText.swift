internal import CNI
internal import LinuxSystem
internal import ObjectPrinting
internal import ObjectStore
internal import SQLite
internal import VirtualNetworks

/// What a person is told of any error of the layers below.
func errorText(_ error: any Error) -> String {
  switch error {
  case let error as Failure: error.description
  case let error as ObjectError: error.description
  case let error as StoreError: "error: \(text(error))"
  case let error as LockFile.Failure: "error: \(text(error))"
  case let error as LabelSelector.Failure: "error: \(error)"
  default: "error: \(error)"
  }
}

private func text(_ error: StoreError) -> String {
  switch error {
  case .database(let path, let cause): "cannot use the store \(path): \(cause.message) (\(cause.operation))"
  case .newerSchema(let path, let found, let supported):
    "the store \(path) has schema \(found), and this version knows \(supported) at most"
  case .corrupt(let path, let cause): "the store \(path) is damaged: \(cause.message)"
  case .foreignEpoch(let path, _, _): "the store \(path) is of another network namespace that still exists"
  case .lock(let failure): text(failure)
  case .system(let path, let errno): text(path, errno)
  default: "\(error)"
  }
}

private func text(_ failure: LockFile.Failure) -> String {
  switch failure {
  case .timedOut(let path, let holder):
    "the lock \(path) was not free in time" + (holder.isEmpty ? "" : ", held by \(holder)")
  case .system(let path, let errno): text(path, errno)
  }
}

/// What the plugin writes is for root alone.
private func text(_ path: String, _ errno: Errno) -> String {
  "\(path): \(errno)" + (errno == .permissionDenied ? "; run contrailctl as root" : "")
}
