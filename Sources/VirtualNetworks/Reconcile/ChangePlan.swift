/// What one change of an object entails.
package struct ChangePlan: Hashable, Sendable {
  package enum Outcome: String, Hashable, Sendable {
    case created
    case configured
    case unchanged
    case deleted
  }

  /// The object that was applied or deleted, in the words of the one who asked.
  package var key: ObjectKey
  package var outcome: Outcome
  /// In the order in which they are to be made, all or none.
  package var writes: [Write] = []
  /// What the user should know although the change is made.
  package var warnings: [String] = []
  /// The object is kept, but what it asks for could not be made; the reason stands in its annotation too.
  package var failure: ObjectError?

  package init(_ key: ObjectKey, _ outcome: Outcome) {
    self.key = key
    self.outcome = outcome
  }
}

/// One change of the store.
package enum Write: Hashable, Sendable {
  /// Makes or replaces the object of that key.
  case put(APIObject)
  case delete(ObjectKey)
  /// Takes a number: the lowest free one of its kind, as the plan was told.
  case allocate(NumberSpace, Int64)
  case release(NumberSpace, Int64)
}

/// The numbers that the system gives out, each once.
package enum NumberSpace: String, Hashable, Sendable, CaseIterable {
  /// Virtual network identifiers.
  case vni
  /// The last part of automatic route targets.
  case routeTarget = "route-target"

  /// The first number for networks of users; the system's own objects hold those from ``systemFirst`` on.
  package var userFirst: Int64 { self == .vni ? 5 : 8_000_009 }
  package var systemFirst: Int64 { self == .vni ? 1 : 8_000_000 }
  /// VNIs have 24 bits, the number of a target with a two-octet autonomous system 32.
  package var last: Int64 { self == .vni ? 0xff_ffff : 0xffff_ffff }
}
