internal import CLinux
internal import Glibc

/// Nanoseconds of the monotonic clock.
package func monotonicNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_MONOTONIC) }

/// Nanoseconds since 1970 UTC.
package func wallClockNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_REALTIME) }

private func nanoseconds(of clock: clockid_t) -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Random octets of the kernel.
package func randomBytes(_ count: Int) throws(Errno) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  guard try retrying({ unsafe getrandom(&bytes, count, 0) }) == count else { throw .ioError }
  return bytes
}

/// The time in UTC as RFC 3339 writes it, to the millisecond.
package func timestamp(_ nanoseconds: UInt64) -> String {
  var seconds = time_t(nanoseconds / 1_000_000_000)
  var parts = unsafe tm()
  _ = unsafe gmtime_r(&seconds, &parts)
  func pad(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
  let date = unsafe "\(pad(parts.tm_year + 1900, 4))-\(pad(parts.tm_mon + 1, 2))-\(pad(parts.tm_mday, 2))"
  let time = unsafe "\(pad(parts.tm_hour, 2)):\(pad(parts.tm_min, 2)):\(pad(parts.tm_sec, 2))"
  return "\(date)T\(time).\(pad(nanoseconds / 1_000_000 % 1000, 3))Z"
}

/// The number of the calling process.
package func currentProcessID() -> Int32 { getpid() }

/// Whether the process runs as root, which owns the node's network.
package func isRoot() -> Bool { geteuid() == 0 }
