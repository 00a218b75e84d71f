import FuzzTargets
import Glibc
import LinuxSystem
import Testing

/// Every input that was kept, because it led somewhere new or because it was a fault once, is read as it should be.
@Suite(.serialized) struct CorpusTests {
  private static let directory =
    #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Fuzzing/corpus"

  @Test(arguments: FuzzTarget.all.map(\.name)) func corpus(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let inputs = try Self.files("\(Self.directory)/\(name)")
    #expect(!inputs.isEmpty)
    for input in inputs {
      let bytes = try readFile(input, limit: 1 << 20)
      #expect(throws: Never.self, "\(input)") { try target.run(bytes) }
    }
  }

  private static func files(_ directory: String) throws -> [String] {
    let stream = try #require(opendir(directory))
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append("\(directory)/\(name)") }
    }
    return names.sorted()
  }
}
