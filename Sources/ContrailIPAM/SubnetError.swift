public import NetworkAddresses

/// Why a subnet's configuration is refused: which field, its value, and what would be right.
public struct SubnetError: Error, Hashable, Sendable {
  /// The parts of a subnet's configuration; a caller maps them to its own keys.
  public enum Field: String, Hashable, Sendable {
    case prefix = "subnet"
    case gateway
    case rangeStart = "range start"
    case rangeEnd = "range end"
    case exclude
  }

  /// What is wrong with the value, and what would be right.
  public enum Reason: Hashable, Sendable {
    /// Neither an address nor, for `prefix` and `exclude`, a network.
    case malformed
    /// Bits beyond the prefix length are set; the network that was probably meant.
    case hostBits(network: IPPrefix)
    /// An address of the other family.
    case wrongFamily(expected: IPFamily)
    /// No room for a gateway and a pod; the longest prefix length that has it.
    case tooSmall(longest: Int)
    /// Not in the subnet.
    case outside(IPPrefix)
    /// The subnet's first address, or the last one of an IPv4 subnet, which no host may have.
    case notAHostAddress(IPPrefix)
    /// The range's start is above its end.
    case startAfterEnd(end: IPAddress)
    /// The range shares addresses with another one of the subnet.
    case overlaps(AddressRange)
  }

  /// The part of the configuration that the value stands in.
  public let field: Field
  /// The refused value, as it was given.
  public let value: String
  /// What is wrong with it.
  public let reason: Reason

  /// An error about `value`, which stands in `field`.
  public init(_ field: Field, _ value: String, _ reason: Reason) {
    self.field = field
    self.value = value
    self.reason = reason
  }
}

extension SubnetError: CustomStringConvertible {
  /// One line: field, value, reason, and the remedy where there is one.
  public var description: String { "\(field.rawValue) \(value): \(reason)" }
}

extension SubnetError.Reason: CustomStringConvertible {
  /// What is wrong, without field and value.
  public var description: String {
    switch self {
    case .malformed: "not an address or network in text form"
    case .hostBits(let network): "host bits are set; the network is \(network)"
    case .wrongFamily(let expected): "an \(expected) value is wanted"
    case .tooSmall(let longest): "too small for a gateway and a pod; /\(longest) is the longest possible"
    case .outside(let prefix): "not in \(prefix)"
    case .notAHostAddress(let prefix): "no host can have this address of \(prefix)"
    case .startAfterEnd(let end): "above the range's end \(end)"
    case .overlaps(let other): "overlaps the range \(other)"
    }
  }
}
