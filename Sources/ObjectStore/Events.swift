internal import LinuxSystem
internal import SQLite

// How calls ended: the last ones as they were, all of them counted.

/// Calls that ended alike.
package struct CallTally: Equatable, Sendable {
  package let verb: String
  /// The CNI error code, 0 for success.
  package let code: Int64
  /// The least of ``bounds`` that none of them took longer than, in microseconds; `nil` above all of them.
  package let bound: UInt64?
  package let count: UInt64
  /// Of all of them together.
  package let microseconds: UInt64

  /// The bounds of durations, in microseconds.
  package static let bounds: [UInt64] = [
    500, 1000, 2000, 3000, 5000, 10_000, 20_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 30_000_000,
  ]

  /// The least bound of a column's value, -1 above all.
  fileprivate static let boundExpression =
    "CASE " + bounds.map { "WHEN microseconds <= \($0) THEN \($0)" }.joined(separator: " ") + " ELSE -1 END"
}

extension AttachmentTransaction {
  /// How many events are kept at least.
  static let eventLimit: Int64 = 1000
  /// How many are forgotten at a time.
  static let eventPortion: Int64 = 50

  /// Records how a call ended, and now and then counts the oldest and forgets them.
  package func record(_ event: Event) throws(StoreError) {
    try run(
      "INSERT INTO event VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      .integer(Int64(event.time)), .text(event.verb), .text(event.containerID), .text(event.interfaceName),
      .text(event.pod.namespace), .text(event.pod.name), .text(event.pod.uid), .integer(event.code),
      .integer(Int64(event.microseconds)), .text(event.message))
    let id = connection.lastInsertedRowID
    if id % Self.eventPortion == 0 { try forgetEvents(through: id - Self.eventLimit) }
  }

  private func forgetEvents(through id: Int64) throws(StoreError) {
    try run(
      """
      INSERT INTO tally SELECT verb, code, \(CallTally.boundExpression), count(*), sum(microseconds)
      FROM event WHERE id <= ?1 GROUP BY 1, 2, 3
      ON CONFLICT DO UPDATE SET count = count + excluded.count, microseconds = microseconds + excluded.microseconds
      """, .integer(id))
    try run("DELETE FROM event WHERE id <= ?1", .integer(id))
  }

  /// The recorded events, oldest first.
  ///
  /// - Parameter limit: how many of the latest.
  package func events(limit: Int = .max) throws(StoreError) -> [Event] {
    try rows(
      """
      SELECT time, verb, container, ifname, pod_namespace, pod_name, pod_uid, code, microseconds, message
      FROM event ORDER BY id DESC LIMIT ?1
      """, .integer(Int64(limit))
    ) {
      Event(
        time: UInt64(clamping: $0.integer(0)), verb: $0.text(1), containerID: $0.text(2), interfaceName: $0.text(3),
        pod: PodReference(namespace: $0.text(4), name: $0.text(5), uid: $0.text(6)), code: $0.integer(7),
        microseconds: UInt64(clamping: $0.integer(8)), message: $0.text(9))
    }.reversed()
  }

  /// All calls whose end was recorded, counted.
  func tallies() throws(StoreError) -> [CallTally] {
    let former =
      version < Schema.attachmentsWithTallies
      ? "" : "UNION ALL SELECT verb, code, bound, count, microseconds FROM tally"
    return try rows(
      """
      SELECT verb, code, bound, sum(count), sum(microseconds) FROM (
        SELECT verb, code, \(CallTally.boundExpression) AS bound, 1 AS count, microseconds FROM event \(former))
      GROUP BY verb, code, bound ORDER BY verb, code, bound
      """
    ) { row in
      CallTally(
        verb: row.text(0), code: row.integer(1), bound: row.integer(2) < 0 ? nil : UInt64(row.integer(2)),
        count: UInt64(clamping: row.integer(3)), microseconds: UInt64(clamping: row.integer(4)))
    }
  }

  /// How many attachments there are of each state, and how many routing instances.
  func counts() throws(StoreError) -> NodeCounts {
    let states = try rows("SELECT state, count(*) FROM attachment GROUP BY state") { ($0.integer(0), $0.integer(1)) }
    func count(_ state: Attachment.State) -> Int { Int(states.first { $0.0 == state.rawValue }?.1 ?? 0) }
    return NodeCounts(attached: count(.attached), pending: count(.pending), instances: try instances().count)
  }
}

/// How much there is on a node.
package struct NodeCounts: Equatable, Sendable {
  package var attached = 0
  package var pending = 0
  package var instances = 0
}
