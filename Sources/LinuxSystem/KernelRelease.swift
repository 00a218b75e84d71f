internal import Glibc

/// The running kernel's release, as `uname -r` prints it.
package struct KernelRelease: Sendable {
  package let text: String
  /// The first two numbers of it; 0 where there are none.
  package let major: Int
  package let minor: Int

  package init(_ text: String) {
    self.text = text
    let numbers = text.utf8.split(
      maxSplits: 2, whereSeparator: { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    func number(_ index: Int) -> Int {
      numbers.count > index ? Int(String(decoding: numbers[index], as: UTF8.self)) ?? 0 : 0
    }
    major = number(0)
    minor = number(1)
  }

  package static var current: KernelRelease {
    var names = utsname()
    unsafe uname(&names)
    return KernelRelease(
      unsafe withUnsafeBytes(of: &names.release) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }

  package func isBefore(_ major: Int, _ minor: Int) -> Bool { (self.major, self.minor) < (major, minor) }
}
