internal import Glibc
internal import JSON
internal import LinuxSystem
internal import VirtualNetworks
internal import YAML

/// A manifest as it was found.
struct Manifest {
  let value: JSONValue
  /// The file's path, or `STDIN`.
  let source: String

  /// The object, in the namespace that the manifest or the command names.
  func object(namespace: String?) throws -> APIObject {
    var object: APIObject
    do {
      object = try APIObject(value)
    } catch {
      throw error.reason == .unknownKind ? unknownKind(error) : error
    }
    guard object.kind.resource.isNamespaced else { return object }
    let own = object.metadata.namespace
    if let namespace, !own.isEmpty, own != namespace {
      throw Failure(
        "the namespace from the provided object \"\(own)\" does not match the namespace \"\(namespace)\". You must "
          + "pass '--namespace=\(own)' to perform this operation.")
    }
    if own.isEmpty { object.metadata.namespace = namespace ?? "default" }
    return object
  }

  private func unknownKind(_ error: ObjectError) -> Failure {
    let namespace = value.object?["metadata"]?.object?["namespace"]?.string ?? ""
    return Failure(
      "resource mapping not found for name: \"\(error.name)\" namespace: \"\(namespace)\" from \"\(source)\": "
        + error.detail)
  }
}

/// The manifests of all files, lists taken apart; the console is told of files that cannot be read.
func manifests(_ options: FileOptions, _ console: Console) -> [Manifest] {
  var manifests: [Manifest] = []
  for file in options.files {
    do {
      for path in try paths(file, recursive: options.recursive) {
        do { manifests += try read(path) } catch { console.fail(error) }
      }
    } catch {
      console.fail(error)
    }
  }
  if manifests.isEmpty && !console.hasFailed { console.fail(Failure("no objects passed to apply")) }
  return manifests
}

private func read(_ path: String) throws -> [Manifest] {
  let source = path == "-" ? "STDIN" : path
  let bytes: [UInt8]
  do {
    bytes = path == "-" ? try readToEnd(STDIN_FILENO, limit: sizeLimit) : try readFile(path, limit: sizeLimit)
  } catch {
    throw Failure("cannot read \(source): \(error)")
  }
  let values: [JSONValue]
  do {
    values = try ManifestText.manifests(in: bytes)
  } catch {
    throw Failure("error parsing \(source): \(error)")
  }
  return values.map { Manifest(value: $0, source: source) }
}

private let sizeLimit = 64 << 20

/// The files that a word of the command line means.
private func paths(_ file: String, recursive: Bool) throws -> [String] {
  if file == "-" { return [file] }
  guard let isDirectory = isDirectory(file) else { throw Failure("the path \"\(file)\" does not exist") }
  guard isDirectory else { return [file] }
  var found: [String] = []
  for name in try directoryEntries(file) {
    let path = file.hasSuffix("/") ? file + name : "\(file)/\(name)"
    if contrailctl.isDirectory(path) == true {
      if recursive { found += try paths(path, recursive: true) }
    } else if [".yaml", ".yml", ".json"].contains(where: name.hasSuffix) {
      found.append(path)
    }
  }
  return found
}
