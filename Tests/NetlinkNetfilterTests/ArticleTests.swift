import KernelSandbox
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

/// The example of the documentation's articles, in a namespace of its own.
@Test func tableArticle() async {
  await #expect(processExitsWith: .success) {
    Sandbox.enterNetwork()
    let filter = Table(.bridge, "example")
    let known = NamedSet("known", key: [.interfaceName, .etherAddress])
    var transaction = Transaction()
    transaction.add(filter)
    transaction.add(known, to: filter)
    transaction.add(Chain("prerouting", type: .filter, hook: .prerouting, priority: -200, policy: .accept), to: filter)
    transaction.add(
      rule: [
        .inputInterface(prefix: "vmi"), .lookup([.inputInterface, .sourceMAC], in: "known", inverted: true), .counter,
        .drop,
      ], to: "prerouting", in: filter)
    transaction.add([SetElement(.interface("vmi1"), .mac(MACAddress("02:00:00:00:00:01")!))], to: known, in: filter)
    try transaction.commit(on: Connection(opening: .netfilter))

    guard listing().contains("drop") && listing().contains("02:00:00:00:00:01") else { throw ArticleFailure() }

    let connection = try Connection(opening: .netfilter)
    let rules = try connection.rules(of: filter, chain: "prerouting")
    let dropped = rules.compactMap(\.counter).map(\.packets)  // [0]
    let stations = try connection.elements(of: known, in: filter).count  // 1

    var change = Transaction()
    change.add([SetElement(.interface("vmi2"), .mac(MACAddress("02:00:00:00:00:02")!))], to: known, in: filter)
    try change.commit(on: connection)

    guard dropped == [0], stations == 1, listing().contains("02:00:00:00:00:02") else { throw ArticleFailure() }
  }
}

private struct ArticleFailure: Error {}
