internal import CLinux
public import Netlink
public import NetworkAddresses

extension Batch {
  /// Gives a link an address; an error where it has it (`EEXIST`). The corresponding C constant is `RTM_NEWADDR`.
  @discardableResult
  public mutating func addAddress(_ address: Address) -> Int {
    add(address, "add", type: UInt16(RTM_NEWADDR), flags: [.create, .exclusive])
  }

  /// Gives a link an address, or changes the one it has. The corresponding C constant is `RTM_NEWADDR`.
  @discardableResult
  public mutating func replaceAddress(_ address: Address) -> Int {
    add(address, "replace", type: UInt16(RTM_NEWADDR), flags: [.create, .replace])
  }

  /// Takes an address from a link; an error where it has it not (`EADDRNOTAVAIL`). The corresponding C constant is
  /// `RTM_DELADDR`.
  @discardableResult
  public mutating func deleteAddress(_ address: Address) -> Int {
    add(address, "delete", type: UInt16(RTM_DELADDR), flags: [])
  }

  private mutating func add(_ address: Address, _ verb: String, type: UInt16, flags: MessageFlags) -> Int {
    add("\(verb) address \(address.address) of link \(address.link)", type: type, flags: flags) {
      address.write(to: &$0)
    }
  }
}

extension Connection {
  /// All addresses, or those of one family or link.
  public func addresses(family: IPFamily? = nil, link: UInt32 = 0) throws(NetlinkError) -> [Address] {
    try dump("list the addresses", type: UInt16(RTM_GETADDR)) {
      $0.u8(family?.number ?? UInt8(AF_UNSPEC))
      $0.u8(0)
      $0.u8(0)
      $0.u8(0)
      $0.u32(link)
    }.compactMap(Address.init)
  }
}
