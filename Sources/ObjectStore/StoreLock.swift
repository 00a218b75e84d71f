internal import LinuxSystem

/// Takes the lock of the attachments' store. Its directory is made where somebody emptied the run directory.
///
/// - Parameters:
///   - directory: of the lock files.
///   - timeout: how long to wait, in nanoseconds.
func takeStoreLock(
  _ directory: String, _ mode: LockFile.Mode, timeout: UInt64, note: String = ""
) throws(StoreError) -> LockFile {
  func attempt() throws(LockFile.Failure) -> LockFile {
    try LockFile(path: directory + "/store", mode, deadline: monotonicNanoseconds() + timeout, note: note)
  }
  do throws(LockFile.Failure) {
    return try attempt()
  } catch .system(_, .noSuchFile) {
    do throws(Errno) { try makeDirectories(directory) } catch { throw .system(path: directory, error) }
  } catch {
    throw .lock(error)
  }
  do throws(LockFile.Failure) { return try attempt() } catch { throw .lock(error) }
}
