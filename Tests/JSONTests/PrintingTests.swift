import JSON
import SeededRandom
import Testing

/// What is printed is JSON, always the same for the same value, and reads back as that value.
@Suite struct Printing {
  static let texts = [
    "null", "true", "[]", "{}", "0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1.5",
    "-0.0", "\"\"", #""a/b\\c\"d\n\u0001é😀""#, #""a\u0000b""#, #"{"z":1,"a":[1,{"x":null}],"e":{},"f":[]}"#,
  ]

  @Test(arguments: texts) func compact(text: String) throws {
    #expect(try JSONValue(parsing: text).text() == text)
  }

  @Test func pretty() {
    let value: JSONValue = ["a": [1, 2], "b": ["c": "x/y", "d": [:]], "e": [], "f": nil]
    #expect(
      value.text(.pretty) == """
        {
          "a": [
            1,
            2
          ],
          "b": {
            "c": "x/y",
            "d": {}
          },
          "e": [],
          "f": null
        }
        """)
  }

  @Test(arguments: [0.1, 1e21, 1e-7, .leastNonzeroMagnitude, 1.7976931348623157e308, -123.456, 1.0 / 3, 100])
  func doubles(value: Double) throws {
    #expect(try JSONValue(parsing: JSONValue.double(value).text()) == .double(value))
  }

  /// There is no JSON for these.
  @Test(arguments: [Double.nan, .infinity, -.infinity]) func nonFinite(value: Double) {
    #expect(JSONValue.array([.double(value)]).text() == "[null]")
  }

  /// Random values survive both layouts.
  @Test func roundTrip() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SplitMix(seed: seed)
    for _ in 0..<500 {
      let value = JSONValue.random(depth: 4, &generator)
      #expect(try JSONValue(parsing: value.text()) == value, "seed \(seed)")
      #expect(try JSONValue(parsing: value.text(.pretty)) == value, "seed \(seed)")
    }
  }

  /// Damaged texts are refused or read, but never make a value that does not survive printing.
  @Test func damagedTexts() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SplitMix(seed: seed)
    var accepted = 0
    for _ in 0..<5_000 {
      var bytes = Array(JSONValue.random(depth: 3, &generator).text().utf8)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = bytes.indices.randomElement(using: &generator) ?? 0
        bytes[index] = UInt8.random(in: 0...255, using: &generator)
      }
      guard let value = try? JSONValue(parsing: bytes) else { continue }
      accepted += 1
      #expect(try JSONValue(parsing: value.text()) == value, "seed \(seed): \(bytes)")
    }
    #expect(accepted > 0)
  }

  @Test func oneMebibyteString() throws {
    let text = String(repeating: "aé/\"", count: 1 << 18)
    let value: JSONValue = ["annotation": .string(text)]
    #expect(try JSONValue(parsing: value.text()) == value)
  }
}

extension JSONValue {
  fileprivate static func random(depth: Int, _ generator: inout SplitMix) -> JSONValue {
    switch Int.random(in: depth == 0 ? 2...7 : 0...7, using: &generator) {
    case 0:
      return .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth - 1, &generator) })
    case 1:
      return .object(
        JSONObject(
          (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            (randomText(from: 1, &generator), random(depth: depth - 1, &generator))
          }))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
    case 3: return .unsigned(UInt64.random(in: (1 << 63)...UInt64.max, using: &generator))
    case 4:
      let value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator))
      return value.isFinite ? .double(value) : .null
    case 5: return .bool(Bool.random(using: &generator))
    case 6: return .null
    default: return .string(randomText(from: 0, &generator))
    }
  }

  private static func randomText(from lowest: UInt32, _ generator: inout SplitMix) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      let limit: UInt32 = [0x22, 0x80, 0x2100, 0x10_ffff].randomElement(using: &generator) ?? 0x80
      guard let scalar = Unicode.Scalar(UInt32.random(in: lowest...limit, using: &generator)) else { continue }
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
