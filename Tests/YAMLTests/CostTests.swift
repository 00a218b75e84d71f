import Glibc
import JSON
import Testing
import YAML

/// Four times the keys take four times as long, not sixteen times: of this thread's own time, whoever else is busy.
@Test func costOfMappings() throws {
  func cost(_ count: Int) throws -> Double {
    let text = "base: &base {x: 1}\n<<: *base\n" + (0..<count).map { "k\($0): 1\n" }.joined()
    return try (0..<3).map { _ in
      let start = threadTime()
      let documents = try YAMLDocument.documents(in: Array(text.utf8))
      let cost = threadTime() - start
      #expect(documents[0].value.object?.members.count == count + 2)
      return cost
    }.min()!
  }
  let (few, many) = try (cost(5000), cost(20_000))
  #expect(many < 9 * few, "\(few) s, \(many) s")
}

private func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
