/// SHA3-224 (FIPS 202), with which Contrail shortens names to what a label's key may hold.
func sha3(_ text: String) -> [UInt8] {
  let rate = 144
  var block = Array(text.utf8)
  block.append(0x06)
  block += [UInt8](repeating: 0, count: (rate - block.count % rate) % rate)
  block[block.count - 1] |= 0x80
  var state = KeccakState()
  for start in stride(from: 0, to: block.count, by: rate) { state.absorb(block[start..<start + rate]) }
  return state.bytes(28)
}

/// The digest in hexadecimal, 56 digits.
func sha3Text(_ text: String) -> String { hexadecimal(sha3(text)) }

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Twenty-five lanes of 64 bits; lane (x, y) is at x + 5y.
private struct KeccakState {
  private var lanes = [UInt64](repeating: 0, count: 25)

  mutating func absorb(_ block: ArraySlice<UInt8>) {
    for (index, byte) in block.enumerated() { lanes[index / 8] ^= UInt64(byte) << UInt64(index % 8 * 8) }
    for constant in roundConstants { round(constant) }
  }

  func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: lanes[$0 / 8] >> UInt64($0 % 8 * 8)) }
  }

  private mutating func round(_ constant: UInt64) {
    var parity = [UInt64](repeating: 0, count: 5)
    for index in 0..<25 { parity[index % 5] ^= lanes[index] }
    for index in 0..<25 { lanes[index] ^= parity[(index + 4) % 5] ^ rotated(parity[(index + 1) % 5], 1) }
    var moved = lanes
    for x in 0..<5 {
      for y in 0..<5 { moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotated(lanes[x + 5 * y], rotations[x + 5 * y]) }
    }
    for y in stride(from: 0, to: 25, by: 5) {
      for x in 0..<5 { lanes[x + y] = moved[x + y] ^ (~moved[(x + 1) % 5 + y] & moved[(x + 2) % 5 + y]) }
    }
    lanes[0] ^= constant
  }
}

private func rotated(_ lane: UInt64, _ count: UInt64) -> UInt64 {
  count == 0 ? lane : lane << count | lane >> (64 - count)
}

private let rotations: [UInt64] = [
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
