import AddressStoreContract
import ContrailIPAM
import NetworkAddresses
import Testing

struct InMemoryAddressStoreTests {
  @Test(arguments: AddressStoreCheck.allCases) func keepsTheContract(_ check: AddressStoreCheck) throws {
    var store = InMemoryAddressStore()
    try check.run(on: &store)
  }

  @Test func stopsAtABrokenPromise() async {
    await #expect(processExitsWith: .failure) {
      var store = InMemoryAddressStore()
      let address = IPAddress.v4(IPv4Address(rawValue: 7))
      store.insertFreeRange(AddressRange(address, address))
      store.insertFreeRange(AddressRange(address, address))
    }
    await #expect(processExitsWith: .failure) {
      var store = InMemoryAddressStore()
      store.removeAllocation(of: .v4(IPv4Address(rawValue: 7)))
    }
    await #expect(processExitsWith: .failure) {
      var store = InMemoryAddressStore()
      let address = IPAddress.v4(IPv4Address(rawValue: 7))
      store.insertAllocation(Allocation(address, Holder(owner: "c", interface: "eth0")))
      store.insertAllocation(Allocation(address, Holder(owner: "d", interface: "eth0")))
    }
  }
}
