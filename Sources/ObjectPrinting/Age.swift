/// How long ago that was, in kubectl's words: `13s`, `4m49s`, `26h`, `2d7h`.
///
/// - Parameters:
///   - timestamp: RFC 3339 in UTC.
///   - now: seconds since 1970.
package func age(of timestamp: String, at now: Int64) -> String {
  guard let then = secondsSince1970(timestamp) else { return "<unknown>" }
  return duration(now - then)
}

/// A span of time with at most two units, the finer one only where it still says something.
func duration(_ seconds: Int64) -> String {
  if seconds < -1 { return "<invalid>" }
  if seconds < 120 { return "\(max(0, seconds))s" }
  let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
  if minutes < 10 { return two(minutes, "m", seconds % 60, "s") }
  if minutes < 180 { return "\(minutes)m" }
  if hours < 8 { return two(hours, "h", minutes % 60, "m") }
  if hours < 48 { return "\(hours)h" }
  if days < 8 { return two(days, "d", hours % 24, "h") }
  if days < 730 { return "\(days)d" }
  if days < 2920 { return two(days / 365, "y", days % 365, "d") }
  return "\(days / 365)y"
}

private func two(_ major: Int64, _ majorUnit: String, _ minor: Int64, _ minorUnit: String) -> String {
  minor == 0 ? "\(major)\(majorUnit)" : "\(major)\(majorUnit)\(minor)\(minorUnit)"
}

/// `2022-08-19T20:58:39Z`, fractions of a second dropped.
func secondsSince1970(_ timestamp: String) -> Int64? {
  let bytes = Array(timestamp.utf8)
  let layout = Array("dddd-dd-ddTdd:dd:dd".utf8)
  guard bytes.count > layout.count, bytes.last == UInt8(ascii: "Z") else { return nil }
  var numbers: [Int64] = [0]
  for (byte, place) in zip(bytes, layout) {
    if place == UInt8(ascii: "d") {
      guard (0x30...0x39).contains(byte) else { return nil }
      numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int64(byte - 0x30)
    } else {
      guard byte == place else { return nil }
      numbers.append(0)
    }
  }
  guard (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
  return days(year: numbers[0], month: numbers[1], day: numbers[2]) * 86_400 + numbers[3] * 3600 + numbers[4] * 60
    + numbers[5]
}

/// Days since 1970-01-01, counted in years that begin in March, so that a leap day is the last of its year.
private func days(year: Int64, month: Int64, day: Int64) -> Int64 {
  let year = month > 2 ? year : year - 1
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
}
