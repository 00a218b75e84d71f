internal import Glibc

/// An error number of the kernel.
///
/// The corresponding C constants are those of `<errno.h>`.
public struct Errno: RawRepresentable, Error, Hashable, Sendable {
  /// The kernel's number.
  public let rawValue: Int32

  /// The error with this number, known here or not.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The calling thread's last error.
  public static var current: Errno { Errno(rawValue: errno) }

  /// The corresponding C constant is `EPERM`.
  public static let operationNotPermitted = Errno(rawValue: EPERM)
  /// The corresponding C constant is `ENOENT`.
  public static let noSuchFile = Errno(rawValue: ENOENT)
  /// The corresponding C constant is `ESRCH`.
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  /// The corresponding C constant is `EINTR`.
  public static let interrupted = Errno(rawValue: EINTR)
  /// The corresponding C constant is `EIO`.
  public static let ioError = Errno(rawValue: EIO)
  /// The corresponding C constant is `ENXIO`.
  public static let noSuchAddressOrDevice = Errno(rawValue: ENXIO)
  /// The corresponding C constant is `E2BIG`.
  public static let tooBig = Errno(rawValue: E2BIG)
  /// The corresponding C constant is `EBADF`.
  public static let badDescriptor = Errno(rawValue: EBADF)
  /// The corresponding C constant is `EAGAIN`.
  public static let wouldBlock = Errno(rawValue: EAGAIN)
  /// The corresponding C constant is `ENOMEM`.
  public static let outOfMemory = Errno(rawValue: ENOMEM)
  /// The corresponding C constant is `EACCES`.
  public static let permissionDenied = Errno(rawValue: EACCES)
  /// The corresponding C constant is `EBUSY`.
  public static let busy = Errno(rawValue: EBUSY)
  /// The corresponding C constant is `EEXIST`.
  public static let exists = Errno(rawValue: EEXIST)
  /// The corresponding C constant is `ENODEV`.
  public static let noSuchDevice = Errno(rawValue: ENODEV)
  /// The corresponding C constant is `ENETDOWN`.
  public static let networkDown = Errno(rawValue: ENETDOWN)
  /// The corresponding C constant is `ENETUNREACH`.
  public static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  /// The corresponding C constant is `ENOTDIR`.
  public static let notDirectory = Errno(rawValue: ENOTDIR)
  /// The corresponding C constant is `EINVAL`.
  public static let invalidArgument = Errno(rawValue: EINVAL)
  /// The corresponding C constant is `ENOSPC`.
  public static let noSpace = Errno(rawValue: ENOSPC)
  /// The corresponding C constant is `EROFS`.
  public static let readOnlyFileSystem = Errno(rawValue: EROFS)
  /// The corresponding C constant is `ERANGE`.
  public static let outOfRange = Errno(rawValue: ERANGE)
  /// The corresponding C constant is `EXFULL`.
  public static let exchangeFull = Errno(rawValue: EXFULL)
  /// The corresponding C constant is `EPROTONOSUPPORT`.
  public static let protocolNotSupported = Errno(rawValue: EPROTONOSUPPORT)
  /// The corresponding C constant is `EAFNOSUPPORT`.
  public static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
  /// The corresponding C constant is `EPROTO`.
  public static let protocolError = Errno(rawValue: EPROTO)
  /// The corresponding C constant is `EBADMSG`.
  public static let badMessage = Errno(rawValue: EBADMSG)
  /// The corresponding C constant is `EOPNOTSUPP`.
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  /// The corresponding C constant is `EADDRINUSE`.
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  /// The corresponding C constant is `EADDRNOTAVAIL`.
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  /// The corresponding C constant is `ENOBUFS`.
  public static let noBufferSpace = Errno(rawValue: ENOBUFS)
  /// The corresponding C constant is `ETIMEDOUT`.
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  /// The corresponding C constant is `ELOOP`.
  public static let tooManyLinks = Errno(rawValue: ELOOP)
}

extension Errno: CustomStringConvertible {
  /// The C library's text for the number, in the C locale.
  public var description: String { unsafe String(cString: strerror(rawValue)) }
}
