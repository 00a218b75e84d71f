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
///
/// The calendar is worked out here: `gmtime_r` reads the node's time zone from a file.
package func timestamp(_ nanoseconds: UInt64) -> String {
  let seconds = Int(nanoseconds / 1_000_000_000)
  let (year, month, day) = date(ofDay: seconds / 86_400)
  var text: [UInt8] = []
  text.reserveCapacity(24)
  func append(_ number: Int, digits: Int, then mark: Unicode.Scalar) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
    text.append(UInt8(ascii: mark))
  }
  append(year, digits: 4, then: "-")
  append(month, digits: 2, then: "-")
  append(day, digits: 2, then: "T")
  append(seconds / 3600 % 24, digits: 2, then: ":")
  append(seconds / 60 % 60, digits: 2, then: ":")
  append(seconds % 60, digits: 2, then: ".")
  append(Int(nanoseconds / 1_000_000 % 1000), digits: 3, then: "Z")
  return String(decoding: text, as: UTF8.self)
}

/// The Gregorian date of a day, counted from 1 January 1970.
///
/// Counts in years that begin in March, so that the leap day is the last of its year, and in cycles of 400 of them.
private func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
  let daysOfCycle = 146_097
  let sinceMarch0 = days + 719_468
  let dayOfCycle = sinceMarch0 % daysOfCycle
  let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
  let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
  // Five months from March or August on have 153 days.
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  let year = 400 * (sinceMarch0 / daysOfCycle) + yearOfCycle + (month <= 2 ? 1 : 0)
  return (year, month, day)
}

/// The number of the calling process.
package func currentProcessID() -> Int32 { getpid() }

/// Whether the process runs as root, which owns the node's network.
package func isRoot() -> Bool { geteuid() == 0 }
