/// SHA3-224 (FIPS 202), with which Contrail shortens names to what a label's key may hold.
func sha3(_ text: String) -> [UInt8] {
  let rate = 144
  var state = KeccakState()
  var place = 0
  for byte in text.utf8 {
    state.combine(byte, at: place)
    place += 1
    if place == rate {
      state.permute()
      place = 0
    }
  }
  state.combine(0x06, at: place)
  state.combine(0x80, at: rate - 1)
  state.permute()
  return state.bytes(28)
}

/// The digest in hexadecimal, 56 digits.
func sha3Text(_ text: String) -> String { hexadecimal(sha3(text)) }

func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
  var digits: [UInt8] = []
  digits.reserveCapacity(2 * bytes.count)
  for byte in bytes {
    for digit in [byte >> 4, byte & 0xf] { digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
  }
  return String(decoding: digits, as: UTF8.self)
}

/// Twenty-five lanes of 64 bits; lane (x, y) is at x + 5y.
private struct KeccakState {
  private var lanes = InlineArray<25, UInt64>(repeating: 0)

  mutating func combine(_ byte: UInt8, at place: Int) { lanes[place / 8] ^= UInt64(byte) << UInt64(place % 8 * 8) }

  func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: lanes[$0 / 8] >> UInt64($0 % 8 * 8)) }
  }

  mutating func permute() { for constant in roundConstants { round(constant) } }

  private mutating func round(_ constant: UInt64) {
    var parity = InlineArray<5, UInt64>(repeating: 0)
    for x in 0..<5 { parity[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] }
    for x in 0..<5 {
      let mask = parity[(x + 4) % 5] ^ rotated(parity[(x + 1) % 5], 1)
      for y in 0..<5 { lanes[x + 5 * y] ^= mask }
    }
    var moved = lanes
    for x in 0..<5 {
      for y in 0..<5 { moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotated(lanes[x + 5 * y], rotations[x + 5 * y]) }
    }
    for y in 0..<5 {
      for x in 0..<5 {
        lanes[x + 5 * y] = moved[x + 5 * y] ^ (~moved[(x + 1) % 5 + 5 * y] & moved[(x + 2) % 5 + 5 * y])
      }
    }
    lanes[0] ^= constant
  }
}

private func rotated(_ lane: UInt64, _ count: UInt64) -> UInt64 { lane &<< count | lane &>> (64 &- count) }

private let rotations: InlineArray<25, UInt64> = [
  0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
]

private let roundConstants: [UInt64] = [
  0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
  0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
  0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
  0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
  0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
  0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
]
