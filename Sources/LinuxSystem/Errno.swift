internal import Glibc

/// An error number of the kernel.
///
/// The corresponding C constants are those of `<errno.h>`.
public struct Errno: RawRepresentable, Error, Hashable, Sendable {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The calling thread's last error.
  public static var current: Errno { Errno(rawValue: errno) }

  public static let operationNotPermitted = Errno(rawValue: EPERM)
  public static let noSuchFile = Errno(rawValue: ENOENT)
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  public static let interrupted = Errno(rawValue: EINTR)
  public static let ioError = Errno(rawValue: EIO)
  public static let noSuchAddressOrDevice = Errno(rawValue: ENXIO)
  public static let tooBig = Errno(rawValue: E2BIG)
  public static let badDescriptor = Errno(rawValue: EBADF)
  public static let wouldBlock = Errno(rawValue: EAGAIN)
  public static let outOfMemory = Errno(rawValue: ENOMEM)
  public static let permissionDenied = Errno(rawValue: EACCES)
  public static let busy = Errno(rawValue: EBUSY)
  public static let exists = Errno(rawValue: EEXIST)
  public static let noSuchDevice = Errno(rawValue: ENODEV)
  public static let notDirectory = Errno(rawValue: ENOTDIR)
  public static let invalidArgument = Errno(rawValue: EINVAL)
  public static let noSpace = Errno(rawValue: ENOSPC)
  public static let readOnlyFileSystem = Errno(rawValue: EROFS)
  public static let outOfRange = Errno(rawValue: ERANGE)
  public static let exchangeFull = Errno(rawValue: EXFULL)
  public static let protocolError = Errno(rawValue: EPROTO)
  public static let badMessage = Errno(rawValue: EBADMSG)
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  public static let noBufferSpace = Errno(rawValue: ENOBUFS)
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  public static let tooManyLinks = Errno(rawValue: ELOOP)
}

extension Errno: CustomStringConvertible {
  /// The C library's text for the number, in the C locale.
  public var description: String { unsafe String(cString: strerror(rawValue)) }
}
