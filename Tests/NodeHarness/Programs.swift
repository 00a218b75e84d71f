internal import Glibc

/// The built programs under test. A missing one fails the test; nothing is skipped.
package enum Programs {
  package struct Missing: Error, CustomStringConvertible {
    package let description: String
  }

  /// `CONTRAIL_PLUGIN`, else `bin/contrail-k8s-cni` of this repository.
  package static func plugin() throws -> String {
    try find(
      "contrail-k8s-cni", variable: "CONTRAIL_PLUGIN", otherwise: "\(repository)/bin/contrail-k8s-cni", "make build")
  }

  /// `CONTRAILCTL`, else `bin/contrailctl` of this repository.
  package static func contrailctl() throws -> String {
    try find("contrailctl", variable: "CONTRAILCTL", otherwise: "\(repository)/bin/contrailctl", "make build")
  }

  /// `CNITOOL`, else what `scripts/build-cnitool` leaves in the cache.
  package static func cnitool() throws -> String {
    let cache = variable("XDG_CACHE_HOME") ?? "\(variable("HOME") ?? "/root")/.cache"
    return try find(
      "cnitool", variable: "CNITOOL", otherwise: "\(cache)/contrail-k8s-cni/cnitool-1.1.2", "scripts/build-cnitool")
  }

  /// `CNI_PLUGIN_DIR`, else where Debian puts the reference plugins.
  package static func referencePlugins() throws -> String {
    let directory = variable("CNI_PLUGIN_DIR") ?? "/usr/lib/cni"
    for name in ["portmap", "tuning", "firewall", "bandwidth"] where access("\(directory)/\(name)", X_OK) != 0 {
      throw Missing(description: "no \(directory)/\(name): install containernetworking-plugins or set CNI_PLUGIN_DIR")
    }
    return directory
  }

  package static let repository: String = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  package static func fixture(_ name: String) throws -> String {
    try readFile("\(repository)/Tests/PluginTests/Fixtures/\(name)")
  }

  private static func find(_ name: String, variable: String, otherwise: String, _ remedy: String) throws -> String {
    let path = Self.variable(variable) ?? otherwise
    guard access(path, X_OK) == 0 else {
      throw Missing(description: "\(name) is not at \(path): run `\(remedy)` or set \(variable)")
    }
    return path
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

package func readFile(_ path: String) throws -> String { String(decoding: try readBytes(path), as: UTF8.self) }

package func writeFile(_ path: String, _ text: String) throws { try writeBytes(Array(text.utf8), to: path) }

package func readBytes(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "r") else {
    throw Programs.Missing(description: "\(path): \(String(cString: strerror(errno)))")
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
  return bytes
}

package func writeBytes(_ bytes: [UInt8], to path: String) throws {
  guard let file = fopen(path, "w") else {
    throw Programs.Missing(description: "\(path): \(String(cString: strerror(errno)))")
  }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw Programs.Missing(description: "\(path): short write")
  }
}

/// The names in a directory, in order; none if there is no such directory.
package func entries(of directory: String) throws -> [String] {
  guard let stream = opendir(directory) else {
    if errno == ENOENT { return [] }
    throw Programs.Missing(description: "\(directory): \(String(cString: strerror(errno)))")
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }
  return names.sorted()
}

/// The same without those that begin with a dot.
package func visibleEntries(of directory: String) throws -> [String] {
  try entries(of: directory).filter { !$0.hasPrefix(".") }
}
