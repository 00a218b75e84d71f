internal import ArgumentParser
internal import Glibc
internal import LinuxSystem
internal import VirtualNetworks

/// Where a command's words go.
final class Console {
  private let output: (String) -> Void
  private let errors: (String) -> Void
  /// Whether anything went wrong; a command goes on with what it can do.
  private(set) var hasFailed = false

  init(output: @escaping (String) -> Void, errors: @escaping (String) -> Void) {
    self.output = output
    self.errors = errors
  }

  /// Standard output and standard error.
  static func standard() -> Console {
    Console(
      output: { contrailctl.write($0, to: STDOUT_FILENO) }, errors: { contrailctl.write($0, to: STDERR_FILENO) })
  }

  /// Text as it is.
  func write(_ text: String) { if !text.isEmpty { output(text) } }
  func line(_ text: String) { output(text + "\n") }
  /// A line for the person, not for the program that reads the output.
  func note(_ text: String) { errors(text + "\n") }
  func warn(_ text: String) { errors("Warning: \(text)\n") }

  /// The answer is no: the exit code says so too.
  func refuse() { hasFailed = true }

  func fail(_ error: any Error) {
    hasFailed = true
    errors("\(errorText(error))\n")
  }
}

/// Writes to a descriptor; a reader that went away, as `head` does, ends the program quietly.
func write(_ text: String, to descriptor: Int32) {
  do { try writeAll(Array(text.utf8), to: descriptor) } catch {
    if error.rawValue != EPIPE && descriptor == STDOUT_FILENO {
      try? writeAll(Array("error: cannot write to standard output: \(error)\n".utf8), to: STDERR_FILENO)
    }
    exit(1)
  }
}

/// An error in kubectl's manner, for what has no better words of its own.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ text: String) { description = "error: \(text)" }

  /// The text without the word error, to be part of another.
  init(described text: String) { description = text }
}
