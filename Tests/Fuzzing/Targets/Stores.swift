import ContrailIPAM
import Glibc
import LinuxSystem
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import SQLite
import VirtualNetworks

extension FuzzTarget {
  /// Files of the stores with other bytes in places, or cut short: what a broken disk or an old copy leaves.
  static let storeFile = FuzzTarget(name: "store-file", maximumLength: 1024) { bytes in
    var input = Bytes(bytes)
    let question = questions[Int(input.byte()) % questions.count]
    var file = Scratch.templates[question.store.rawValue].bytes
    if input.byte() == 0 { file = Array(file.prefix(Int(input.byte()) << 9)) }
    while !input.isEmpty, !file.isEmpty {
      let place = (Int(input.byte()) << 9 | Int(input.byte()) << 1) % file.count
      let patch = input.field().prefix(file.count - place)
      file.replaceSubrange(place..<place + patch.count, with: patch)
    }
    try restore(file, question.store)
    try reading { try question.ask() }
  }

  /// Whole files whose rows hold what this project never writes.
  static let storeRows = FuzzTarget(name: "store-rows", maximumLength: 512) { bytes in
    var input = Bytes(bytes)
    let question = questions[Int(input.byte()) % questions.count]
    try restore(Scratch.templates[question.store.rawValue].bytes, question.store)
    let columns = columns[question.store.rawValue]
    while !input.isEmpty {
      let column = columns[Int(input.byte()) % columns.count]
      let connection = try Connection(path: Scratch.templates[question.store.rawValue].path, .readWrite)
      let statement = try connection.prepare("UPDATE OR IGNORE \(column.table) SET \(column.name) = ?1")
      // Some columns take numbers only, and some keep what they have.
      do { try statement.run(value(&input)) } catch let error as SQLiteError
        where error.code == 20 || error.isConstraint
      {}
    }
    try reading { try question.ask() }
  }
}

private let columns: [[(table: String, name: String)]] = {
  let attachments = [
    "epoch": "boot inode cookie",
    "attachment":
      "id container ifname network state pod_namespace pod_name pod_uid netns inode cookie link_group created",
    "interface": "attachment position uuid name host_name mac host_mac mtu network instance addresses pairs",
    "instance": "name pin inode cookie bridge_index fingerprint vni mode rpf uplink open_to_node",
    "pool": "id name configuration cursor", "free_range": "pool last first",
    "allocation": "pool address container ifname note",
    "pair": "network routed prefix attachment position shared outside",
    "event": "time verb code microseconds message",
  ]
  let objects = [
    "object": "kind namespace name body", "reference": "target_kind target_namespace target_name kind namespace name",
    "network":
      "namespace name actual_namespace actual_name uid vni forwarding_mode rpf subnets role labels import_targets export_targets imports exports refused",
    "number": "space next", "free_number": "space number", "circle": "id exporters importers",
  ]
  return [attachments, objects].map { tables in
    tables.sorted { $0.key < $1.key }.flatMap { table, names in
      names.split(separator: " ").map { (table, String($0)) }
    }
  }
}()

private func value(_ input: inout Bytes) -> SQLiteValue {
  switch input.byte() & 3 {
  case 0: .null
  case 1: .integer(input.number())
  case 2: .text(input.text())
  default: .blob(input.field())
  }
}

private func restore(_ bytes: [UInt8], _ store: Question.Store) throws {
  let path = Scratch.templates[store.rawValue].path
  unlink(path + "-journal")
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  defer { close(descriptor) }
  try require(write(descriptor, bytes, bytes.count) == bytes.count, "cannot write \(path)")
}
