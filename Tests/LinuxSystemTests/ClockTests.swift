import Glibc
import LinuxSystem
import Testing

struct ClockTests {
  // Known instants, among them both ends of leap days and the years that 4 divides and that are no leap years.
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"),
    (951_782_399_999, "2000-02-28T23:59:59.999Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (951_868_800_000, "2000-03-01T00:00:00.000Z"),
    (1_763_716_642_135, "2025-11-21T09:17:22.135Z"),
    (4_107_542_399_001, "2100-02-28T23:59:59.001Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
  ])
  func knownInstants(milliseconds: UInt64, text: String) {
    #expect(timestamp(milliseconds * 1_000_000 + 999_999) == text)
  }

  // Every day of the next five centuries has the date that the C library gives it.
  @Test func everyDay() {
    for day in 0..<(500 * 366) {
      var seconds = time_t(day * 86_400 + day % 86_400)
      var parts = tm()
      gmtime_r(&seconds, &parts)
      var buffer = [CChar](repeating: 0, count: 64)
      strftime(&buffer, 64, "%Y-%m-%dT%H:%M:%S.000Z", &parts)
      let expected = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      guard timestamp(UInt64(seconds) * 1_000_000_000).utf8.elementsEqual(expected) else {
        Issue.record("day \(day): \(timestamp(UInt64(seconds) * 1_000_000_000))")
        return
      }
    }
  }
}
