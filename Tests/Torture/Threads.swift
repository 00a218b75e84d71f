import Glibc

/// Runs `body` on several threads at once, which stay in this process's namespaces, and waits for all of them.
func together(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
  var threads: [pthread_t] = []
  for index in 0..<count {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Body { body(index) })
    let failure = pthread_create(
      &thread, nil,
      { raw in
        Unmanaged<Body>.fromOpaque(raw!).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    if failure != 0 { throw Violation("cannot start a thread: \(failure)") }
    threads.append(thread)
  }
  for thread in threads { pthread_join(thread, nil) }
}

private final class Body: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
