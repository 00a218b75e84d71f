public import Netlink

/// Changes to nf_tables that happen together or not at all, and that packets see all at once.
///
/// Operations are carried out in their order. Everything goes to the kernel in one datagram.
public struct Transaction: Sendable {
  private var batch = Batch()
  /// The number of operations.
  public private(set) var count = 0

  /// A transaction without operations.
  ///
  /// - Parameter generation: The state that the changes were worked out from (see
  ///   ``Netlink/Connection/rulesetGeneration()``). Where the ruleset has changed since, the commit fails with `ERESTART`.
  ///   `nil` commits to whatever is there.
  public init(expecting generation: UInt32? = nil) {
    batch.add("begin an nf_tables transaction", type: Self.begin, answer: .nothing) { writer in
      NetfilterHeader.write(.any, resource: MessageType.subsystem, to: &writer)
      if let generation { writer.attribute(Self.generation, bigEndian: generation) }
    }
  }

  /// Whether there is no operation.
  public var isEmpty: Bool { count == 0 }

  /// Carries the operations out.
  ///
  /// - Throws: The first operation that failed, with the kernel's number and text; nothing was changed then. Common
  ///   numbers: `ENOENT` for a table, chain, set or element that is not there (to delete an element from a missing set
  ///   too), `EEXIST` for an object that must be new, `EBUSY` for one that is in use, `EMLINK` for jumps in a circle or
  ///   too deep, `EOPNOTSUPP` or `ENOENT` for an expression that the kernel lacks.
  public consuming func commit(on connection: Connection) throws(NetlinkError) {
    if isEmpty { return }
    finish()
    try connection.perform(batch)
  }

  /// The whole transaction as one datagram, for a sender other than ``Netlink/Connection``.
  public consuming func datagram() -> [UInt8] {
    finish()
    return batch.datagram()
  }

  private mutating func finish() {
    batch.add("commit an nf_tables transaction", type: Self.end, answer: .nothing) { writer in
      NetfilterHeader.write(.any, resource: MessageType.subsystem, to: &writer)
    }
  }

  /// Appends an operation.
  mutating func append(
    _ operation: @autoclosure @escaping @Sendable () -> String, _ type: MessageType, _ flags: MessageFlags,
    in family: TableFamily,
    _ body: (inout MessageWriter) -> Void
  ) {
    count += 1
    batch.add(operation(), type: type.wire, flags: flags) { writer in
      NetfilterHeader.write(family, to: &writer)
      body(&writer)
    }
  }

  /// The messages so far.
  var bytes: [UInt8] { batch.bytes }

  /// The corresponding C constant is `NFNL_MSG_BATCH_BEGIN`.
  static let begin: UInt16 = 0x10
  /// The corresponding C constant is `NFNL_MSG_BATCH_END`.
  static let end: UInt16 = 0x11
  /// The corresponding C constant is `NFNL_BATCH_GENID`.
  static let generation: UInt16 = 1
}

/// What to do when an object that is to be added is there already.
public enum ExistingObject: Hashable, Sendable {
  /// It stays as it is, and the operation succeeds if it is of the same kind.
  case keep
  /// The operation fails with `EEXIST`.
  case fail

  var flags: MessageFlags { self == .keep ? .create : [.create, .exclusive] }
}

/// What to do when an object that is to be deleted is not there.
public enum MissingObject: Hashable, Sendable {
  /// The operation succeeds.
  case ignore
  /// The operation fails with `ENOENT`.
  case fail
}
