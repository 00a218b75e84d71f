import NetworkAddresses

/// The arithmetic on free ranges: every step is a constant number of look-ups and changes.
extension AddressStore where Self: ~Copyable {
  /// The free range that holds `address`.
  mutating func freeRange(containing address: IPAddress) throws(Failure) -> AddressRange? {
    guard let range = try freeRange(endingAtOrAfter: address), range.first <= address else { return nil }
    return range
  }

  /// The next free address after the cursor in `order`, going round at the end, and the free range it is in.
  mutating func nextFree(after cursor: IPAddress?, family: IPFamily, order: AllocationOrder) throws(Failure)
    -> (IPAddress, in: AddressRange)?
  {
    // Beyond the family's last address comes its first: going round once more changes nothing.
    switch order {
    case .ascending:
      if let cursor, let next = try firstFree(atOrAfter: cursor.successor) { return next }
      return try firstFree(atOrAfter: IPAddress(family: family, number: 0))
    case .descending:
      if let cursor, let next = try lastFree(atOrBefore: cursor.predecessor) { return next }
      return try lastFree(atOrBefore: IPAddress(family: family, number: .max))
    }
  }

  private mutating func firstFree(atOrAfter address: IPAddress) throws(Failure) -> (IPAddress, in: AddressRange)? {
    guard let range = try freeRange(endingAtOrAfter: address) else { return nil }
    return (max(address, range.first), range)
  }

  private mutating func lastFree(atOrBefore address: IPAddress) throws(Failure) -> (IPAddress, in: AddressRange)? {
    if let range = try freeRange(containing: address) { return (address, range) }
    guard let range = try freeRange(endingAtOrBefore: address) else { return nil }
    return (range.last, range)
  }

  /// Takes `address` out of the free range it is in.
  mutating func take(_ address: IPAddress, from range: AddressRange) throws(Failure) {
    switch (address == range.first, address == range.last) {
    case (true, true):
      try removeFreeRange(range)
    case (true, false):
      try replaceFreeRange(range, with: AddressRange(address.successor, range.last))
    case (false, true):
      try replaceFreeRange(range, with: AddressRange(range.first, address.predecessor))
    case (false, false):
      // The upper part keeps the key it is stored under.
      try replaceFreeRange(range, with: AddressRange(address.successor, range.last))
      try insertFreeRange(AddressRange(range.first, address.predecessor))
    }
  }

  /// Makes `address` free and joins it with the free ranges beside it.
  mutating func giveBack(_ address: IPAddress) throws(Failure) {
    let above = try freeRange(endingAtOrAfter: address)
    let below = try freeRange(endingAtOrBefore: address)
    let joinsAbove = above.map { $0.first.number != 0 && $0.first.predecessor == address } ?? false
    let joinsBelow = below.map { $0.last < address && $0.last.successor == address } ?? false
    switch (joinsBelow ? below : nil, joinsAbove ? above : nil) {
    case (let below?, let above?):
      try removeFreeRange(below)
      try replaceFreeRange(above, with: AddressRange(below.first, above.last))
    case (let below?, nil):
      try replaceFreeRange(below, with: AddressRange(below.first, address))
    case (nil, let above?):
      try replaceFreeRange(above, with: AddressRange(address, above.last))
    case (nil, nil):
      try insertFreeRange(AddressRange(address, address))
    }
  }
}

extension IPAddress {
  var successor: IPAddress { IPAddress(family: family, number: number &+ 1) }
  var predecessor: IPAddress { IPAddress(family: family, number: number &- 1) }
}
