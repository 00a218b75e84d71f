/// Goes through all that may happen where it is not known what does: a computation that asks for choices is run again and
/// again, each time with other answers.
struct Chooser {
  private var answers: [Int] = []
  private var counts: [Int] = []
  private var position = 0

  /// - Returns: one of `0..<count`.
  mutating func choose(_ count: Int) -> Int {
    if position == answers.count {
      answers.append(0)
      counts.append(count)
    }
    defer { position += 1 }
    return answers[position]
  }

  /// Makes the next run answer otherwise.
  ///
  /// - Returns: whether there is another run.
  mutating func advance() -> Bool {
    position = 0
    while let last = answers.last {
      if last + 1 < counts[counts.count - 1] {
        answers[answers.count - 1] += 1
        return true
      }
      answers.removeLast()
      counts.removeLast()
    }
    return false
  }
}
