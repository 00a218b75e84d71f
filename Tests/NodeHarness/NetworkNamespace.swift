internal import CLinux
internal import Glibc

/// A named network namespace, as `ip netns` makes it.
package struct NetworkNamespace: Hashable, Sendable {
  package struct Failure: Error {
    package let message: String

    package init(message: String) { self.message = message }
  }

  package let name: String
  package let path: String

  package init(name: String, path: String? = nil) {
    self.name = name
    self.path = path ?? "/run/netns/\(name)"
  }

  /// Makes the namespace `ct-…`.
  package static func create() throws -> NetworkNamespace {
    let namespace = NetworkNamespace(name: "ct-" + randomHex(5))
    try Shell.run(["ip", "netns", "add", namespace.name])
    do { try Shell.run(["ip", "link", "set", "lo", "up"], in: namespace) } catch {
      namespace.delete()
      throw error
    }
    return namespace
  }

  package func delete() { _ = try? Shell.run(["ip", "netns", "del", name]) }

  /// Runs `body` on a thread of its own that has entered the namespace; the caller's thread stays where it is.
  package static func entering<Value>(_ namespace: NetworkNamespace?, _ body: () throws -> Value) throws -> Value {
    guard let namespace else { return try body() }
    return try withoutActuallyEscaping(body) { body in
      let box = ThreadBody {
        let descriptor = open(namespace.path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        guard setns(descriptor, clinux_clone_newnet) == 0 else {
          throw Failure(message: "\(namespace.path): \(String(cString: strerror(errno)))")
        }
        return try body()
      }
      var thread = pthread_t()
      let started = pthread_create(&thread, nil, { Self.threadMain($0!) }, Unmanaged.passRetained(box).toOpaque())
      guard started == 0 else { throw Failure(message: "pthread_create: \(started)") }
      pthread_join(thread, nil)
      return try box.outcome!.get() as! Value
    }
  }

  package func entering<Value>(_ body: () throws -> Value) throws -> Value { try Self.entering(self, body) }

  private static func threadMain(_ raw: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let box = Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue()
    box.outcome = Result { try box.body() }
    return nil
  }
}

private final class ThreadBody {
  let body: () throws -> Any
  var outcome: Result<Any, any Error>?
  init(_ body: @escaping () throws -> Any) { self.body = body }
}

/// Runs the tools that look at the kernel from outside: ip, nft, ping, …
package enum Shell {
  package static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]

  /// The tool's output; throws when it fails.
  @discardableResult
  package static func run(_ command: [String], input: String = "", in namespace: NetworkNamespace? = nil) throws
    -> String
  {
    let outcome = try attempt(command, input: input, in: namespace)
    guard outcome.succeeded else {
      throw NetworkNamespace.Failure(
        message: "\(command.joined(separator: " ")): \(outcome.ending): \(outcome.standardError)")
    }
    return outcome.standardOutput
  }

  package static func attempt(_ command: [String], input: String = "", in namespace: NetworkNamespace? = nil) throws
    -> Outcome
  {
    let path = ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + command[0] }.first { access($0, X_OK) == 0 }
    guard let path = command[0].hasPrefix("/") ? command[0] : path else {
      throw NetworkNamespace.Failure(message: "\(command[0]) is not installed")
    }
    return try Child([path] + command.dropFirst(), environment: environment, input: .text(input), in: namespace)
      .finish()
  }
}

package func randomHex(_ bytes: Int) -> String {
  (0..<bytes).map { _ in
    let digits = String(UInt8.random(in: 0...255), radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}

extension String {
  package var lines: [String] { split(separator: "\n").map(String.init) }
}
