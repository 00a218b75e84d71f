internal import ArgumentParser
internal import VirtualNetworks

/// The kinds, and objects of them, that words on the command line name: `vn`, `vn,subnet`, `all`, `vn/vn1`.
struct Targets {
  struct Target {
    let kind: ResourceKind
    /// Empty for all.
    let names: [String]
  }

  let targets: [Target]

  /// `KIND[,KIND] [NAME…]` or `KIND/NAME…`
  init(_ words: [String]) throws {
    guard let first = words.first else {
      throw Failure("a kind of objects is required; 'contrailctl api-resources' lists them")
    }
    if words.contains(where: { $0.utf8.contains(UInt8(ascii: "/")) }) {
      targets = try words.map(Self.pair)
      return
    }
    let names = Array(words.dropFirst())
    targets = try Self.kinds(first).map { Target(kind: $0, names: names) }
  }

  /// Whether objects are asked for by name.
  var isByName: Bool { targets.contains { !$0.names.isEmpty } }

  private static func pair(_ word: String) throws -> Target {
    let parts = word.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw Failure("arguments in KIND/NAME form must have a single kind and name, and \"\(word)\" has not")
    }
    return Target(kind: try kind(parts[0]), names: [parts[1]])
  }

  private static func kinds(_ word: String) throws -> [ResourceKind] {
    if word == "all" { return ResourceKind.all.filter { !notInAll.contains($0.kind) } }
    var kinds: [ResourceKind] = []
    for part in word.split(separator: ",", omittingEmptySubsequences: false) {
      let kind = try kind(String(part))
      if !kinds.contains(where: { $0.kind == kind.kind }) { kinds.append(kind) }
    }
    return kinds
  }

  static func kind(_ word: String) throws -> ResourceKind {
    guard let kind = ResourceKind.named(word) else {
      throw Failure("the server doesn't have a resource type \"\(word)\"")
    }
    return kind
  }
}

/// What `all` leaves out, because it is there in every cluster.
private let notInAll: [Kind] = [.namespace, .globalSystemConfig]

/// For the completion of a kind's name.
let kindCompletion = CompletionKind.list(ResourceKind.all.flatMap { [$0.plural] + $0.shortNames })
