import CSQLite
import Testing

/// Lets statements of the database library fail while they are prepared: those with an effect, BEGIN and COMMIT included,
/// counted over all connections of a call, from 1.
///
/// The library asks its authoriser; every connection that the process opens gets this one.
enum StoreFaults {
  nonisolated(unsafe) fileprivate static var failing = Int.max
  nonisolated(unsafe) fileprivate static var isLasting = false
  nonisolated(unsafe) fileprivate static var stepCount = 0

  /// Runs `body` with one step failing, or all from it on.
  ///
  /// - Returns: whether that step was met.
  static func during(failing number: Int, isLasting: Bool, _ body: () throws -> Void) throws -> Bool {
    _ = registration
    (failing, self.isLasting, stepCount) = (number, isLasting, 0)
    defer { failing = .max }
    try body()
    return stepCount >= number
  }

  private static let registration: Void = {
    let attach:
      @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, UnsafeRawPointer?
      ) -> Int32 = { connection, _, _ in
        sqlite3_set_authorizer(connection, { _, action, first, _, _, _ in authorize(action, first) }, nil)
      }
    #expect(sqlite3_auto_extension(unsafeBitCast(attach, to: (@convention(c) () -> Void).self)) == SQLITE_OK)
  }()
}

private func authorize(_ action: Int32, _ first: UnsafePointer<CChar>?) -> Int32 {
  let counted = [
    SQLITE_SELECT, SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_TRANSACTION, SQLITE_CREATE_TABLE, SQLITE_PRAGMA,
  ]
  guard StoreFaults.failing != .max, counted.contains(action) else { return SQLITE_OK }
  StoreFaults.stepCount += 1
  let isNow = StoreFaults.stepCount == StoreFaults.failing
  return isNow || StoreFaults.isLasting && StoreFaults.stepCount > StoreFaults.failing ? SQLITE_DENY : SQLITE_OK
}

/// How long a step of the store fails.
enum Lasting: String {
  case once
  case fromThenOn = "from then on"
  /// The first, the third and so on once, the others from then on.
  case byTurns = "once and from then on by turns"

  func isLasting(_ number: Int) -> Bool { self == .fromThenOn || self == .byTurns && number % 2 == 0 }
}

/// Runs `body` with each step of the store failing, or one of some, until it throws; it is given the step's number and what
/// makes it fail.
func storeSweep(
  _ title: String, _ lasting: Lasting, every stride: Int = 1, atLeast minimum: Int,
  _ body: (Int, (() throws -> Void) throws -> Bool) throws -> Bool
) throws {
  var number = 1
  while true {
    let isLasting = lasting.isLasting(number)
    do {
      if try !body(number, { try StoreFaults.during(failing: number, isLasting: isLasting, $0) }) { break }
    } catch {
      Issue.record("\(title), step \(number): \(description(of: error))")
      return
    }
    number += stride
  }
  print("\(title): \(number - 1) steps of the store, failing \(lasting.rawValue)")
  if number - 1 < minimum { Issue.record("\(title): only \(number - 1) steps were met") }
}
