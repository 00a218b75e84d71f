import JSON
import Testing

/// Something that is broken by hand, and that CHECK must name.
struct Damage: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Where the pod's host end is, not in the pod.
  var atHostEnd = false
  /// `VMI` stands for the host end, `V4` and `V6` for the pod's addresses.
  let command: String
  /// What the message must name.
  let word: String

  /// Breaks it, and has CHECK find it.
  func expectNamed(
    _ pod: Pod, hostEndIn place: NetworkNamespace, _ replacements: [String: String],
    check: () throws -> Outcome
  ) throws {
    expectSilentSuccess(try check())
    try Shell.run(["sh", "-c", replacing(command, replacements)], in: atHostEnd ? place : pod.namespace)
    let outcome = try check()
    let error = try #require(parse(outcome.standardOutput), "\(testDescription): \(outcome)")
    let text = (error["msg"]?.string ?? "") + (error["details"]?.string ?? "")
    #expect(!outcome.succeeded && error["code"]?.integer == 102, "\(outcome)")
    #expect(text.contains(replacing(word, replacements)), "\(text)")
  }
}

func replacing(_ text: String, _ replacements: [String: String]) -> String {
  replacements.reduce(text) { $0.replacing($1.key, with: $1.value) }
}
