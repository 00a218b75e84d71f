public import NetworkAddresses

/// The subnets of one family from which a network's addresses come, in one allocation order.
///
/// A pool is configuration only. What is taken and what is free is in an ``AddressStore``, which holds the state of one
/// pool and is asked lazily: one allocation costs a handful of look-ups, however large the pool and however full.
///
/// ```swift
/// let pool = Pool("default", try Subnet(parsing: "10.32.0.0/12"))
/// var store = InMemoryAddressStore()
/// let web = Holder(owner: "4f5a", interface: "eth0", label: "pod shop/web")
///
/// let address = try pool.allocate(for: web, in: &store)  // 10.32.0.2: .1 is the gateway
/// let gateway = pool.subnet(containing: address)?.gateway  // 10.32.0.1
///
/// let db = Holder(owner: "77c1", interface: "eth0", label: "pod shop/db")
/// do {
///   try pool.allocate([address], for: db, in: &store)
/// } catch {
///   print(error)  // 10.32.0.2 of pool default is held by pod shop/web (4f5a, interface eth0)
/// }
/// store.release(owner: web.owner, interface: web.interface)
/// try pool.allocate(for: db, in: &store)  // 10.32.0.3: a released address is not reused at once
/// ```
///
/// Dual stack is two pools with a store each. Call all of an attachment's allocations in one transaction of your store
/// and roll it back when one of them throws.
///
/// What always holds:
/// - An address has at most one holder.
/// - The gateway of any of the pool's subnets, an excluded address, a subnet's first address and the last one of an IPv4
///   subnet are never handed out.
/// - Free ranges and allocations together are exactly the addresses that may be handed out, and share none.
/// - A refused call has changed nothing.
public struct Pool: Hashable, Sendable {
  /// What messages call the pool.
  public let name: String
  /// Of one family, without overlap, ascending.
  public let subnets: [Subnet]
  /// Which free address is next.
  public let order: AllocationOrder

  /// A pool of one subnet.
  public init(_ name: String, _ subnet: Subnet, order: AllocationOrder = .ascending) {
    self.name = name
    self.subnets = [subnet]
    self.order = order
  }

  /// A pool of several subnets. Addresses are handed out in numerical order, whichever order the subnets are given in.
  public init(_ name: String, _ subnets: [Subnet], order: AllocationOrder = .ascending) throws(PoolError) {
    let sorted = subnets.sorted { $0.prefix.address < $1.prefix.address }
    guard let first = sorted.first else { throw .empty(pool: name) }
    for (left, right) in zip(sorted, sorted.dropFirst()) {
      if right.prefix.family != first.prefix.family { throw .mixedFamilies(left.prefix, right.prefix) }
      if left.prefix.overlaps(right.prefix) { throw .overlap(left.prefix, right.prefix) }
    }
    self.name = name
    self.subnets = sorted
    self.order = order
  }

  /// The family of all its addresses.
  public var family: IPFamily { subnets[0].prefix.family }

  /// The subnet that `address` is in, which has its gateway and prefix length.
  public func subnet(containing address: IPAddress) -> Subnet? { subnets.first { $0.contains(address) } }

  /// The addresses that may be handed out, ascending: what is free in an unused pool.
  public var allocatable: [AddressRange] { subnets.flatMap(\.allocatable) }

  /// What the store remembers to notice that the configuration has changed: subnets, gateways, ranges and excludes in
  /// text form. The order is not part of it, because it may change at any time.
  public var configuration: String {
    var text = ""
    for subnet in subnets {
      if !text.isEmpty { text += "; " }
      text += subnet.configuration
    }
    return text
  }
}

/// Which free address is next.
public enum AllocationOrder: String, Hashable, Sendable {
  /// Upwards from the last allocation, then from the bottom: a released address rests until the pool has been gone round.
  case ascending
  /// Downwards from the last allocation, then from the top.
  case descending
}

/// Why subnets do not make a pool.
public enum PoolError: Error, Hashable, Sendable {
  case empty(pool: String)
  case mixedFamilies(IPPrefix, IPPrefix)
  /// Give one subnet with several ranges instead.
  case overlap(IPPrefix, IPPrefix)
}

extension PoolError: CustomStringConvertible {
  /// One line that names the pool or the networks.
  public var description: String {
    switch self {
    case .empty(let pool): "pool \(pool) has no subnet"
    case .mixedFamilies(let one, let other): "\(one) and \(other) are of different families and cannot share a pool"
    case .overlap(let one, let other): "\(one) and \(other) overlap and cannot share a pool"
    }
  }
}
