import NetworkAddresses
import SeededRandom
import Testing

@testable import Dataplane

/// The result holds exactly the addresses that the input holds, and no two of its networks could be one.
@Suite struct AggregationTests {
  @Test(arguments: [
    (["10.0.0.0/24", "10.0.1.0/24"], ["10.0.0.0/23"]),
    (["10.0.1.0/24", "10.0.2.0/24"], ["10.0.1.0/24", "10.0.2.0/24"]),
    (["10.0.3.0/24", "10.0.0.0/24", "10.0.2.0/24", "10.0.1.0/24"], ["10.0.0.0/22"]),
    (["10.0.0.0/8", "10.1.2.0/24", "10.0.0.0/8"], ["10.0.0.0/8"]),
    (["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"], ["0.0.0.0/0", "::/0"]),
    (["10.0.0.0/25", "10.0.0.128/25", "10.0.1.0/24", "10.0.1.7/32"], ["10.0.0.0/23"]),
    (["fd00::/64", "fd00:0:0:1::/64", "10.9.9.9/32"], ["10.9.9.9/32", "fd00::/63"]),
    ([], []),
  ]) func examples(_ given: [String], _ expected: [String]) {
    #expect(aggregated(given.map(prefix)) == expected.map(prefix))
  }

  /// Random networks of a space that is small enough to be looked at whole.
  @Test(arguments: 0..<200) func holdsTheSame(_ seed: UInt64) {
    var generator = SplitMix(seed: seed)
    let given = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
      IPPrefix(
        containing: .v4(IPv4Address(rawValue: 0x0a00_0000 | UInt32.random(in: 0..<64, using: &generator))),
        length: Int.random(in: 26...32, using: &generator))
    }
    let result = aggregated(given)
    for number in 0..<64 as Range<UInt32> {
      let address = IPAddress.v4(IPv4Address(rawValue: 0x0a00_0000 | number))
      #expect(given.contains { $0.contains(address) } == result.contains { $0.contains(address) }, "seed \(seed)")
      #expect(result.count { $0.contains(address) } <= 1, "seed \(seed)")
    }
    for (one, next) in zip(result, result.dropFirst()) where one.length == next.length {
      let whole = IPPrefix(containing: one.address, length: one.length - 1)
      #expect(whole.address != one.address || !whole.contains(next.address), "seed \(seed)")
    }
  }
}
