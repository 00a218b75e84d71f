import ContrailIPAM
import NetworkAddresses
import Testing

/// The example in the documentation of `Pool`, with what its comments claim.
@Test func documentedExample() throws {
  var printed: [String] = []
  func print(_ value: some CustomStringConvertible) { printed.append(value.description) }

  let pool = Pool("default", try Subnet(parsing: "10.32.0.0/12"))
  var store = InMemoryAddressStore()
  let web = Holder(owner: "4f5a", interface: "eth0", label: "pod shop/web")

  let address = try pool.allocate(for: web, in: &store)  // 10.32.0.2: .1 is the gateway
  let gateway = pool.subnet(containing: address)?.gateway  // 10.32.0.1

  let db = Holder(owner: "77c1", interface: "eth0", label: "pod shop/db")
  do {
    try pool.allocate([address], for: db, in: &store)
  } catch {
    print(error)  // 10.32.0.2 of pool default is held by pod shop/web (4f5a, interface eth0)
  }
  store.release(owner: web.owner, interface: web.interface)
  let next = try pool.allocate(for: db, in: &store)  // 10.32.0.3: a released address is not reused at once

  #expect(address.description == "10.32.0.2")
  #expect(gateway?.description == "10.32.0.1")
  #expect(printed == ["10.32.0.2 of pool default is held by pod shop/web (4f5a, interface eth0)"])
  #expect(next.description == "10.32.0.3")
}
