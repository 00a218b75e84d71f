internal import ArgumentParser
internal import ObjectPrinting
internal import VirtualNetworks

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a kind of objects is for, and which fields it has.",
    discussion: """
      Examples:
        contrailctl explain vn
        contrailctl explain subnet.spec.cidr
      """)

  @Argument(help: ArgumentHelp("KIND[.FIELD...]", valueName: "kind"), completion: kindCompletion)
  var word: String

  func run() throws {
    let console = Console.standard()
    do { console.write(try text()) } catch { console.fail(error) }
    if console.hasFailed { throw ExitCode.failure }
  }

  func text() throws -> String {
    if let kind = ResourceKind.named(word) { return explanation(of: kind, field: []) ?? "" }
    let parts = word.split(separator: ".").map(String.init)
    let kind = try Targets.kind(parts.first ?? word)
    guard let text = explanation(of: kind, field: parts.dropFirst()) else {
      throw Failure("field \"\(parts.dropFirst().joined(separator: "."))\" does not exist in \(kind.kind.rawValue)")
    }
    return text
  }
}
