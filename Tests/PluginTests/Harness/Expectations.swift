import JSON
import Testing

/// One error object on standard output with this code, an exit other than 0, and the words in its message.
@discardableResult
func expectError(
  _ code: Int64, naming words: [String] = [], _ outcome: Outcome, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) -> JSONValue? {
  let context: Comment = "\(comment.map { "\($0.rawValue): " } ?? "")\(outcome)"
  guard let error = parse(outcome.standardOutput) else {
    Issue.record("no JSON object on standard output: \(context)", sourceLocation: sourceLocation)
    return nil
  }
  if case .exited(let status) = outcome.ending {
    #expect(status != 0, context, sourceLocation: sourceLocation)
  } else {
    Issue.record("killed: \(context)", sourceLocation: sourceLocation)
  }
  #expect(error["code"]?.integer == code, context, sourceLocation: sourceLocation)
  let message = error["msg"]?.string ?? ""
  #expect(!message.isEmpty && error["cniVersion"]?.string != nil, context, sourceLocation: sourceLocation)
  for word in words {
    #expect(message.contains(word), "\(word) is missing in msg: \(context)", sourceLocation: sourceLocation)
  }
  return error
}

/// Exit 0 and nothing on standard output: DEL, CHECK, GC and STATUS.
func expectSilentSuccess(
  _ outcome: Outcome, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  let isSilentSuccess = outcome.succeeded && outcome.standardOutput.isEmpty
  #expect(isSilentSuccess, "\(comment?.rawValue ?? "") \(outcome)", sourceLocation: sourceLocation)
}

/// Runs `body` and expects the node and its pods to be exactly as before.
func expectUnchanged(
  _ node: Node, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws {
  let before = try Snapshot(of: node)
  try body()
  expectEqual(try Snapshot(of: node), before, comment, sourceLocation: sourceLocation)
}

/// - Returns: whether they are equal: what comes after a leak would say the same again.
@discardableResult
func expectEqual(
  _ snapshot: Snapshot, _ before: Snapshot, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) -> Bool {
  if snapshot == before { return true }
  // Two whole snapshots would bury the difference.
  let difference = snapshot.difference(from: before)
  Issue.record("\(comment?.rawValue ?? "") changed:\n\(difference)", sourceLocation: sourceLocation)
  return false
}
