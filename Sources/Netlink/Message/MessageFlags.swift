/// What a request asks for, or what an answer is.
///
/// The corresponding C constants are the `NLM_F_…` of `<linux/netlink.h>`; several share a bit, because their meaning
/// depends on whether the message creates, deletes, reads or answers.
public struct MessageFlags: OptionSet, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt16

  /// The value with this number, known here or not.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The message is a request. The corresponding C constant is `NLM_F_REQUEST`.
  public static let request = MessageFlags(rawValue: 0x1)
  /// The message is one part of an answer that ends with `NLMSG_DONE`. The corresponding C constant is `NLM_F_MULTI`.
  public static let multipart = MessageFlags(rawValue: 0x2)
  /// Success is answered too. The corresponding C constant is `NLM_F_ACK`.
  public static let acknowledge = MessageFlags(rawValue: 0x4)
  /// The notification that the request causes is answered too. The corresponding C constant is `NLM_F_ECHO`.
  public static let echo = MessageFlags(rawValue: 0x8)
  /// The dump is inconsistent: the table changed meanwhile. The corresponding C constant is `NLM_F_DUMP_INTR`.
  public static let dumpInterrupted = MessageFlags(rawValue: 0x10)

  /// All objects, not one. The corresponding C constant is `NLM_F_DUMP`.
  public static let dump = MessageFlags(rawValue: 0x300)

  /// An existing object is replaced. The corresponding C constant is `NLM_F_REPLACE`.
  public static let replace = MessageFlags(rawValue: 0x100)
  /// An existing object is an error. The corresponding C constant is `NLM_F_EXCL`.
  public static let exclusive = MessageFlags(rawValue: 0x200)
  /// A missing object is made. The corresponding C constant is `NLM_F_CREATE`.
  public static let create = MessageFlags(rawValue: 0x400)
  /// The object goes to the end of its list. The corresponding C constant is `NLM_F_APPEND`.
  public static let append = MessageFlags(rawValue: 0x800)

  /// Children are not deleted along. The corresponding C constant is `NLM_F_NONREC`.
  public static let nonRecursive = MessageFlags(rawValue: 0x100)

  /// In an error: the request is not repeated in full. The corresponding C constant is `NLM_F_CAPPED`.
  public static let capped = MessageFlags(rawValue: 0x100)
  /// In an error: attributes explain it. The corresponding C constant is `NLM_F_ACK_TLVS`.
  public static let explained = MessageFlags(rawValue: 0x200)
}
