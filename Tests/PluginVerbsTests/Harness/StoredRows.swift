import Glibc
import SQLite
import Testing

// The store, as it is and as nothing else makes it.

extension TestNode {
  func changeStore(_ sql: String) throws { try Connection(path: storePath, .readWrite).execute(sql) }

  func setState(pending pod: TestPod) throws {
    try changeStore("UPDATE attachment SET state = 0 WHERE container = '\(pod.container)'")
  }

  func attachments() throws -> [String] { try column("SELECT container FROM attachment ORDER BY container") }
  func allocations() throws -> Int { try column("SELECT container FROM allocation").count }
  func events() throws -> Int { try column("SELECT verb FROM event").count }

  private func column(_ sql: String) throws -> [String] {
    let statement = try Connection(path: storePath, .readOnly).prepare(sql)
    var values: [String] = []
    while try statement.step() { values.append(statement.text(0)) }
    return values
  }

  /// A namespace's links go some time after its last holder.
  func waitForNoPorts() throws {
    for _ in 0..<3000 where run("ip", "-o", "link", "show").contains("vmi") { usleep(10_000) }
    #expect(!run("ip", "-o", "link", "show").contains("vmi"))
  }
}
