public import NetworkAddresses

/// Why a call on a pool failed.
public enum AllocationError<StoreFailure: Error>: Error {
  /// The pool's state or configuration forbids it. Nothing has been changed.
  case refused(Refusal)
  /// The store failed. What the call had written until then must be rolled back.
  case store(StoreFailure)
}

extension AllocationError: CustomStringConvertible {
  /// The refusal's message, or the store's own.
  public var description: String {
    switch self {
    case .refused(let refusal): refusal.description
    case .store(let failure): "\(failure)"
    }
  }
}

extension AllocationError: Equatable where StoreFailure: Equatable {}
extension AllocationError: Sendable where StoreFailure: Sendable {}

/// What a pool refuses, and the values that a message needs. `pool` is the pool's name.
public enum Refusal: Error, Hashable, Sendable {
  /// No address is free.
  case exhausted(pool: String)
  /// The address is a gateway.
  case gateway(IPAddress, pool: String)
  /// The address is in none of the pool's subnets.
  case notInSubnet(IPAddress, subnets: [IPPrefix], pool: String)
  /// The subnet's first address, or the last one of an IPv4 subnet.
  case notAHostAddress(IPAddress, IPPrefix, pool: String)
  /// The configuration excludes the address.
  case excluded(IPAddress, by: IPPrefix, pool: String)
  /// The address is in the subnet, but in none of the ranges to allocate from.
  case outsideRanges(IPAddress, [AddressRange], pool: String)
  /// The address is taken.
  case held(Allocation, pool: String)
  /// The holder has an address of this pool already, and gets no second one.
  case alreadyAllocated(Allocation, pool: String)
  /// One request names the address twice.
  case duplicateRequest(IPAddress, pool: String)
  /// The store's free ranges were made from another configuration: see ``Pool/reconfigure(in:)``.
  case configurationChanged(from: String, to: String, pool: String)
  /// Allocated addresses that the new configuration has no room for.
  case doesNotFit([Allocation], pool: String)
  /// The store knows the address neither as free nor as allocated: it is damaged.
  case unaccounted(IPAddress, pool: String)
}

extension Refusal: CustomStringConvertible {
  /// One line that names the pool, the address and, where there is one, the holder.
  public var description: String {
    switch self {
    case .exhausted(let pool): "pool \(pool) is exhausted"
    case .gateway(let address, let pool): "\(address) is the gateway of pool \(pool)"
    case .notInSubnet(let address, let subnets, let pool):
      "\(address) is not in \(list(subnets)) of pool \(pool)"
    case .notAHostAddress(let address, let prefix, let pool):
      "no host can have the address \(address) of \(prefix) in pool \(pool)"
    case .excluded(let address, let prefix, let pool): "\(address) is excluded from pool \(pool) by \(prefix)"
    case .outsideRanges(let address, let ranges, let pool):
      "\(address) is outside the ranges of pool \(pool): \(list(ranges))"
    case .held(let allocation, let pool): "\(allocation.address) of pool \(pool) is held by \(allocation.holder)"
    case .alreadyAllocated(let allocation, let pool):
      "\(allocation.holder) has the address \(allocation.address) of pool \(pool) already"
    case .duplicateRequest(let address, let pool): "\(address) of pool \(pool) is requested twice"
    case .configurationChanged(let old, let new, let pool):
      "pool \(pool) was set up as \(old) and is configured as \(new)"
    case .doesNotFit(let allocations, let pool):
      "pool \(pool) cannot change while addresses are in use that no longer fit: \(list(allocations))"
    case .unaccounted(let address, let pool): "\(address) of pool \(pool) is neither free nor allocated: damaged store"
    }
  }

  private func list(_ items: [some CustomStringConvertible]) -> String {
    let shown = items.prefix(5).map(\.description).joined(separator: "; ")
    return items.count > 5 ? "\(shown); and \(items.count - 5) more" : shown
  }
}

/// What a call on a pool comes to when the store works. It is no `Result`, because a process that looks up the `Error`
/// conformance at run time pays more for it than for the allocation.
enum Outcome<Value> {
  case granted(Value)
  case refused(Refusal)

  func get() throws(Refusal) -> Value {
    switch self {
    case .granted(let value): return value
    case .refused(let refusal): throw refusal
    }
  }
}
