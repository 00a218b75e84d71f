/// A set of keys, or a map from keys to data or verdicts, that rules look packets up in.
public struct NamedSet: Hashable, Sendable {
  /// At most 255 bytes, unique in its table.
  public let name: String
  /// The fields of a key; more than one are a concatenation, each padded to a multiple of four bytes.
  public let key: [DataType]
  /// What the set has for a key.
  public let content: Content
  /// How the set may be used.
  public let flags: Flags

  /// How long elements stay, in milliseconds; `nil` for ever.
  public let timeout: UInt64?
  /// How many elements there can be; `nil` for the kernel's own limit.
  public let size: UInt32?

  /// What the set has for a key.
  public enum Content: Hashable, Sendable {
    /// A plain set.
    case membership
    /// A map to values.
    case data(DataType)
    /// A map to verdicts.
    case verdict
  }

  /// The corresponding C constants are `NFT_SET_*`.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The number that the kernel uses.
    public var rawValue: UInt32

    /// The value with this number, known here or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No element may be added once a rule uses the set. `NFT_SET_CONSTANT`.
    public static let constant = Flags(rawValue: 0x2)
    /// Elements are ranges. `NFT_SET_INTERVAL`.
    public static let interval = Flags(rawValue: 0x4)
    /// Rules may add elements. `NFT_SET_EVAL`.
    public static let dynamic = Flags(rawValue: 0x20)
    static let map = Flags(rawValue: 0x8)
    static let timeout = Flags(rawValue: 0x10)
    static let concatenation = Flags(rawValue: 0x80)
  }

  /// - Precondition: `key` has one to sixteen fields of 64 bytes together.
  public init(
    _ name: String, key: [DataType], content: Content = .membership, flags: Flags = [], timeout: UInt64? = nil,
    size: UInt32? = nil
  ) {
    self.timeout = timeout
    self.size = size
    self.name = name
    self.key = key
    self.content = content
    self.flags = flags
    precondition((1...16).contains(key.count) && keyLength <= 64, "a key has 1 to 16 words")
  }

  /// Whether keys have several fields.
  var isConcatenation: Bool { key.count > 1 }

  /// Whether the kernel holds a range as two elements, a first key and a mark at the first key beyond it.
  var marksRangeEnds: Bool { flags.contains(.interval) && !isConcatenation }

  /// The bytes of a key.
  var keyLength: Int {
    isConcatenation ? key.reduce(0) { $0 + ($1.length + 3) & ~3 } : key[0].length
  }

  /// The type that `nft` reads back: six bits for each field.
  var keyType: UInt32 { key.reduce(0) { $0 << 6 | $1.number } }

  /// What the kernel is told.
  var wireFlags: Flags {
    var flags = flags
    if content != .membership { flags.insert(.map) }
    if timeout != nil { flags.insert(.timeout) }
    // The kernel takes a set of concatenated ranges only with the lengths of the fields, and this flag announces them.
    if isConcatenation && flags.contains(.interval) { flags.insert(.concatenation) }
    return flags
  }
}
