import AddressStoreContract
import ContrailIPAM
import Glibc
import Testing

/// After every random step, whatever it was and whether it was granted or refused:
///
/// - An address has at most one holder, and one that holds none in the pool gets one unless the pool is exhausted.
/// - Free ranges and held addresses together are exactly what the configuration lets be handed out, and share nothing.
/// - The free ranges are disjoint, do not touch, and are found from below and from above.
/// - No gateway, excluded, first or (IPv4) last address is held.
/// - The next address is the nearest free one after the last, in the pool's order, going round.
/// - A refused call has changed nothing; the refusal names the holder there is.
///
/// `CONTRAIL_IPAM_SEED` repeats a run, `CONTRAIL_IPAM_STEPS` makes it longer.
struct PropertyTests {
  static let families: [String: [Pool]] = {
    let four = { (gateway: String?, excludes: [String]) in
      Vector.subnet("10.0.0.0/27", gateway: gateway, excludes: excludes)
    }
    let six = { (gateway: String?, excludes: [String]) in
      Vector.subnet("2001:db8::/123", gateway: gateway, excludes: excludes)
    }
    let split = Vector.subnet(
      "10.0.1.0/28", gateway: "10.0.1.14", ranges: [("10.0.1.0", "10.0.1.4"), ("10.0.1.5", "10.0.1.9")])
    return [
      "IPv4": [
        Pool("p", four(nil, [])), Pool("p", four("10.0.0.17", ["10.0.0.24/30"])),
        Pool("p", four(nil, []), order: .descending),
      ],
      "IPv6": [
        Pool("p", six(nil, [])), Pool("p", six("2001:db8::1f", ["2001:db8::8/126", "2001:db8::1e"])),
        Pool("p", six(nil, []), order: .descending),
      ],
      "two subnets": [
        try! Pool("p", [split, Vector.subnet("10.0.0.248/29")]),
        try! Pool("p", [split, Vector.subnet("10.0.0.248/29")], order: .descending),
        Pool("p", split),
      ],
    ]
  }()

  @Test(arguments: families.keys.sorted()) func randomSteps(name: String) throws {
    let seed = environment("CONTRAIL_IPAM_SEED").flatMap { UInt64($0) } ?? .random(in: 0...9_999_999)
    print("ContrailIPAM, \(name): CONTRAIL_IPAM_SEED=\(seed)")
    _ = try run(name, steps: environment("CONTRAIL_IPAM_STEPS").flatMap { Int($0) } ?? 3000, seed: seed)
  }

  /// The steps reach every outcome. The seed is always the same one: some outcomes are rare, and one run in a hundred does
  /// without.
  @Test(arguments: families.keys.sorted()) func everyOutcomeHappens(name: String) throws {
    let seen = try run(name, steps: 3000, seed: 1)
    for outcome in [
      "allocated", "allocate refused", "requested", "request refused", "reserved", "reserved before", "reserve refused",
      "released", "owner released", "reconfigured", "reconfigure refused",
    ] {
      #expect(seen[outcome, default: 0] > 0, "\(outcome) never happened")
    }
  }

  private func run(_ name: String, steps: Int, seed: UInt64) throws -> [String: Int] {
    var store = InMemoryAddressStore()
    return try runRandomSteps(steps, seed: seed, pools: #require(Self.families[name]), on: &store)
  }

  private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
