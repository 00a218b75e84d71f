internal import JSON
internal import SQLite
package import VirtualNetworks

/// The stored objects, while nobody changes them.
package struct ObjectReader: ClusterState {
  /// `nil` where there is no database: nothing is defined.
  let connection: Connection?
  let path: String
  /// `nil` where somebody may write in between.
  let circles: CircleCache?

  init(_ connection: Connection?, path: String, circles: CircleCache? = nil) {
    self.connection = connection
    self.path = path
    self.circles = circles
  }

  package func object(_ key: ObjectKey) throws(StoreError) -> APIObject? {
    try rows("SELECT body FROM object WHERE kind = ?1 AND namespace = ?2 AND name = ?3", key.values) {
      $0.text(0)
    }.first.map { body throws(StoreError) in try decode(body) }
  }

  /// The objects of a kind by namespace and name, from the one after `after` on: a page at a time.
  ///
  /// The order is that of the texts `namespace/name`, as in Kubernetes: `a-b/x` goes before `a/x`.
  ///
  /// - Parameter namespace: `nil` for all of them.
  package func objects(
    of kind: Kind, in namespace: String? = nil, after: ObjectKey? = nil, limit: Int = 500
  ) throws(StoreError) -> [APIObject] {
    let bodies = try rows(
      """
      SELECT body FROM object
      WHERE kind = ?1 AND (namespace || '/', name) > (?2 || '/', ?3) AND (?4 IS NULL OR namespace = ?4)
      ORDER BY namespace || '/', name LIMIT ?5
      """,
      [
        .text(kind.rawValue), .text(after?.namespace ?? namespace ?? ""), .text(after?.name ?? ""),
        namespace.map { .text($0) } ?? .null, .integer(Int64(limit)),
      ]
    ) { $0.text(0) }
    var objects: [APIObject] = []
    for body in bodies { objects.append(try decode(body)) }
    return objects
  }

  package func names(of kind: Kind, namespace: String) throws(StoreError) -> [String] {
    try rows(
      "SELECT name FROM object WHERE kind = ?1 AND namespace = ?2 ORDER BY name",
      [.text(kind.rawValue), .text(namespace)]
    ) { $0.text(0) }
  }

  package func referrers(to key: ObjectKey, limit: Int) throws(StoreError) -> [ObjectKey] {
    try rows(
      """
      SELECT kind, namespace, name FROM reference
      WHERE target_kind = ?1 AND target_namespace = ?2 AND target_name = ?3 ORDER BY kind, namespace, name
      LIMIT ?4
      """, key.values + [.integer(Int64(limit))]
    ) { row -> ObjectKey? in
      Kind(rawValue: row.text(0)).map { ObjectKey($0, namespace: row.text(1), row.text(2)) }
    }.compactMap(\.self)
  }

  package func lowestFree(_ space: NumberSpace, besides taken: Set<Int64>) throws(StoreError) -> Int64 {
    let free = try rows(
      "SELECT number FROM free_number WHERE space = ?1 ORDER BY number LIMIT ?2",
      [.text(space.rawValue), .integer(Int64(taken.count + 1))]
    ) { $0.integer(0) }
    if let number = free.first(where: { !taken.contains($0) }) { return try checked(number, space) }
    var number = try next(space)
    while taken.contains(number) { number += 1 }
    return number
  }

  /// The number above all that were ever taken.
  func next(_ space: NumberSpace) throws(StoreError) -> Int64 {
    let found = try rows("SELECT next FROM number WHERE space = ?1", [.text(space.rawValue)]) { $0.integer(0) }.first
    return try found.map { number throws(StoreError) in try checked(number, space) } ?? space.userFirst
  }

  /// A number that was or could be taken, or the one after the last.
  private func checked(_ number: Int64, _ space: NumberSpace) throws(StoreError) -> Int64 {
    guard (space.userFirst...space.last + 1).contains(number) else {
      throw .corrupt(path: path, .damage("\(space.rawValue) \(number) is none", operation: "give out a number"))
    }
    return number
  }

  func rows<Row>(
    _ sql: String, _ values: [SQLiteValue], row: (borrowing Statement) -> Row
  ) throws(StoreError) -> [Row] {
    guard let connection else { return [] }
    return try inDatabase(path) { () throws(SQLiteError) in
      let statement = try connection.prepare(sql)
      try statement.bind(all: values)
      var rows: [Row] = []
      while try statement.step() { rows.append(row(statement)) }
      return rows
    }
  }

  private func decode(_ body: String) throws(StoreError) -> APIObject {
    do {
      return try APIObject(JSONValue(parsing: body))
    } catch {
      throw .unreadableObject(path: path, "\(error)")
    }
  }
}

extension ObjectKey {
  var values: [SQLiteValue] { [.text(kind.rawValue), .text(namespace), .text(name)] }
}
