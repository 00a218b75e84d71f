public import NetworkAddresses

/// Giving addresses back needs no configuration: it works when the pool's network has long been deleted.
extension AddressStore where Self: ~Copyable {
  /// Frees `address`; false if nobody held it.
  @discardableResult
  public mutating func release(_ address: IPAddress) throws(Failure) -> Bool {
    guard try holder(of: address) != nil else { return false }
    try removeAllocation(of: address)
    try giveBack(address)
    return true
  }

  /// Frees the addresses of this pool that `owner` holds, for one interface or (`nil`) for all, and returns them.
  ///
  /// An owner that holds none is no error: releasing twice is safe.
  @discardableResult
  public mutating func release(owner: String, interface: String? = nil) throws(Failure) -> [IPAddress] {
    let held = try addresses(owner: owner, interface: interface)
    for address in held {
      try removeAllocation(of: address)
      try giveBack(address)
    }
    return held
  }
}
