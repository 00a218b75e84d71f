import Testing

@testable import ObjectPrinting

/// kubectl's words for spans of time, on both sides of every change of unit.
@Test(
  arguments: [
    (-2, "<invalid>"), (-1, "0s"), (0, "0s"), (13, "13s"), (119, "119s"), (120, "2m"), (121, "2m1s"), (289, "4m49s"),
    (599, "9m59s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"), (10_860, "3h1m"), (28_799, "7h59m"), (28_800, "8h"),
    (93_600, "26h"), (172_799, "47h"), (172_800, "2d"), (198_000, "2d7h"), (691_199, "7d23h"), (691_200, "8d"),
    (63_071_999, "729d"), (63_072_000, "2y"), (63_158_400, "2y1d"), (252_287_999, "7y364d"), (252_288_000, "8y"),
  ] as [(Int64, String)])
func spans(_ seconds: Int64, _ text: String) { #expect(duration(seconds) == text) }

@Test(
  arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("2022-08-19T20:58:39Z", 1_660_942_719),
    ("2022-08-19T20:58:39.123Z", 1_660_942_719), ("2100-03-01T00:00:00Z", 4_107_542_400), ("", nil), ("yesterday", nil),
    ("2022-13-19T20:58:39Z", nil), ("2022-08-19 20:58:39Z", nil), ("2022-08-19T20:58:39", nil),
    ("2022-08-19T20:58:39+02:00", nil),
  ] as [(String, Int64?)])
func timestamps(_ text: String, _ seconds: Int64?) { #expect(secondsSince1970(text) == seconds) }

@Test func ages() {
  #expect(age(of: "2022-08-19T20:58:39Z", at: 1_660_942_719 + 289) == "4m49s")
  #expect(age(of: "", at: 0) == "<unknown>")
}
