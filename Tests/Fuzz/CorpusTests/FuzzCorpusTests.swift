import FuzzTargets
import Glibc
import Testing

/// Beside the directory of this file.
private let folder: String =
  #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
  .joined(separator: "/") + "/Corpus"

/// Every input of the corpus, what the fuzzer found among them, is read without a trap and in bounded time.
@Suite struct FuzzCorpusTests {
  private func contents(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
  }

  private func names(_ directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  @Test("The corpus", arguments: FuzzTarget.allCases)
  func readsCorpus(_ target: FuzzTarget) throws {
    let directory = "\(folder)/\(target.rawValue)"
    let files = names(directory)
    #expect(!files.isEmpty)
    for file in files { target.read(try contents("\(directory)/\(file)")) }
  }

  /// What no corpus holds, because it is large: deep, long, or many of one kind.
  static let large: [(String, [UInt8])] = [
    ("nesting", Array(String(repeating: "[", count: 1 << 20).utf8)),
    ("objects", Array(String(repeating: #"{"a":"#, count: 1 << 19).utf8)),
    ("digits", Array(String(repeating: "9", count: 1 << 20).utf8)),
    ("text", Array(("\"" + String(repeating: "a", count: 16 << 20) + "\"").utf8)),
    ("invalid", [UInt8](repeating: 0xff, count: 1 << 20)), ("zeros", [UInt8](repeating: 0, count: 1 << 20)),
    ("keys", Array(("{" + (0..<50_000).map { "\"k\($0)\":1," }.joined() + "\"z\":1}").utf8)),
    ("duplicates", Array(("{" + String(repeating: "\"k\":1,", count: 50_000) + "\"z\":1}").utf8)),
    (
      "anchors",
      Array(
        ("a: &a [x,x]\n" + (0..<40).map { "b\($0): &b\($0) [*\($0 == 0 ? "a" : "b\($0 - 1)"),*a]\n" }.joined()).utf8)
    ),
    ("networks", Array(String(repeating: "a/b@c,", count: 1 << 18).utf8)),
    ("python", Array(String(repeating: "{'a':", count: 1 << 18).utf8)),
    ("arguments", Array(String(repeating: "A=B;", count: 1 << 18).utf8)),
  ]

  @Test("Large inputs of every reader", .timeLimit(.minutes(5)), arguments: FuzzTarget.allCases, large.indices)
  func readsLarge(_ target: FuzzTarget, _ index: Int) { target.read(Self.large[index].1) }
}
