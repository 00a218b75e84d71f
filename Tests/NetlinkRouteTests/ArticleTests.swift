import Netlink
import NetlinkRoute
import NetworkAddresses
import Testing

/// The examples of the documentation's articles, in a namespace of their own.
@Test func articles() async {
  await #expect(processExitsWith: .success) {
    try enterNewNamespace()
    let connection = try Connection(opening: .route)
    var batch = Batch()
    batch.createLink(LinkAttributes(index: 100, name: "br0", isUp: true), Bridge(forwardDelay: 0, spanningTree: false))
    batch.createLink(
      LinkAttributes(name: "port0", mtu: 1400, master: 100, isUp: true),
      Veth(peer: LinkAttributes(index: 101, name: "eth0", mtu: 1400)))
    batch.setLink(.index(101), LinkAttributes(isUp: true))
    batch.addAddress(Address(InterfaceAddress("10.1.0.2/24")!, link: 101))
    batch.addRoute(Route(to: try IPPrefix(parsing: "10.2.0.0/16"), gateway: IPAddress("10.1.0.1"), output: 101))
    try connection.perform(batch)

    let port = try connection.link(.name("port0"))
    let ports = try connection.links(master: 100).map(\.name)  // ["port0"]
    let addresses = try connection.addresses(family: .v4, link: 101)

    try require(port?.mtu == 1400 && ports == ["port0"] && addresses.count == 1)
    try require(try connection.routes().contains { $0.destination?.description == "10.2.0.0/16" })
  }
}
