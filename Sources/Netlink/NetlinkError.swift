public import LinuxSystem

/// A request that the kernel refused, or that could not be exchanged with it.
public struct NetlinkError: Error, Hashable, Sendable {
  /// What was being done: `create veth vmi0123`.
  public let operation: String
  /// The kernel's error number, or the socket's.
  public let errno: Errno
  /// The kernel's own explanation (its extended acknowledgement), where it gave one.
  public let kernelMessage: String?
  /// Where in the request the offending attribute stands, in bytes from the start of the message's header.
  public let offset: Int?
  /// The type of the attribute that the kernel missed.
  public let missingAttribute: UInt32?
  /// The place of the failed request in its batch, from 0.
  public let index: Int

  /// An error of these parts.
  public init(
    operation: String, errno: Errno, kernelMessage: String? = nil, offset: Int? = nil,
    missingAttribute: UInt32? = nil, index: Int = 0
  ) {
    self.operation = operation
    self.errno = errno
    self.kernelMessage = kernelMessage
    self.offset = offset
    self.missingAttribute = missingAttribute
    self.index = index
  }
}

extension NetlinkError: CustomStringConvertible {
  /// `create veth vmi0123: File exists (the kernel: …, at byte 52 of its request)`.
  public var description: String {
    var details: [String] = []
    if let kernelMessage { details.append("the kernel: \(kernelMessage)") }
    if let offset { details.append("at byte \(offset) of the request") }
    if let missingAttribute { details.append("attribute \(missingAttribute) is missing") }
    let tail = details.isEmpty ? "" : " (" + details.joined(separator: ", ") + ")"
    return "\(operation): \(errno)\(tail)"
  }
}

extension NetlinkError {
  /// What a failed `NLMSG_ERROR` or `NLMSG_DONE` says.
  init(status: Int32, explanation: Attributes?, operation: String, index: Int) {
    self.init(
      operation: operation, errno: Errno(rawValue: status == .min ? .max : abs(status)),
      kernelMessage: explanation?[Self.messageAttribute]?.string,
      offset: explanation?[Self.offsetAttribute]?.uint32.map(Int.init),
      missingAttribute: explanation?[Self.missingTypeAttribute]?.uint32, index: index)
  }

  /// The corresponding C constant is `NLMSGERR_ATTR_MSG`.
  static let messageAttribute: UInt16 = 1
  /// The corresponding C constant is `NLMSGERR_ATTR_OFFS`.
  static let offsetAttribute: UInt16 = 2
  /// The corresponding C constant is `NLMSGERR_ATTR_MISS_TYPE`.
  static let missingTypeAttribute: UInt16 = 5
}

extension Message {
  /// The status in an `NLMSG_ERROR` or `NLMSG_DONE` and the attributes that explain it; `nil` where it is too short.
  var status: (Int32, Attributes?)? {
    guard let status: Int32 = payload.number(at: 0) else { return nil }
    guard flags.contains(.explained) else { return (status, nil) }
    guard type == Message.error else { return (status, Attributes(payload, afterHeader: 4)) }
    var header = 4 + Message.headerLength
    if !flags.contains(.capped), let length: UInt32 = payload.number(at: 4) {
      header += Swift.max(0, Int(length) - Message.headerLength)
    }
    return (status, Attributes(payload, afterHeader: header))
  }
}
