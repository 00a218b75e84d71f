import KernelSandbox
import Netlink
import NetlinkRoute
import NetworkAddresses
import Testing

/// The examples of the documentation's articles, in a namespace of their own.
@Test func articles() async {
  await #expect(processExitsWith: .success) {
    Sandbox.enterNetwork()
    let connection = try Connection(opening: .route)
    var links = Batch()
    links.createLink(LinkAttributes(index: 100, name: "br0", isUp: true), Bridge(forwardDelay: 0, spanningTree: false))
    links.createLink(
      LinkAttributes(name: "port0", mtu: 1400, master: 100, isUp: true),
      Veth(peer: LinkAttributes(name: "eth0", mtu: 1400)))
    links.setLink(.name("eth0"), LinkAttributes(isUp: true))
    try connection.perform(links)

    let eth0 = try connection.link(.name("eth0"))!.index
    var ways = Batch()
    ways.addAddress(Address(InterfaceAddress("10.1.0.2/24")!, link: eth0))
    ways.addRoute(Route(to: try IPPrefix(parsing: "10.2.0.0/16"), gateway: IPAddress("10.1.0.1"), output: eth0))
    try connection.perform(ways)

    let port = try connection.link(.name("port0"))
    let ports = try connection.links(master: 100).map(\.name)  // ["port0"]
    let addresses = try connection.addresses(family: .v4, link: eth0)

    try require(refusal(connection) == ["create bridge br1: File exists", "1"])
    try require(port?.mtu == 1400 && ports == ["port0"] && addresses.count == 1)
    try require(try connection.routes().contains { $0.destination?.description == "10.2.0.0/16" })
  }
}

/// A function of its own: in a closure the compiler does not know the error's type.
private func refusal(_ connection: Connection) -> [String] {
  var printed: [String] = []
  func print(_ value: some CustomStringConvertible) { printed.append(value.description) }
  var batch = Batch()
  batch.createLink(LinkAttributes(name: "br1"), Bridge())
  batch.createLink(LinkAttributes(name: "br1"), Bridge())
  do {
    try connection.perform(batch)
  } catch {
    print(error)  // create bridge br1: File exists
    print(error.index)  // 1
  }
  return printed
}
