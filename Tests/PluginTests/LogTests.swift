import JSON
import Testing

/// The log: one line per verb at level info, `key=value`, and a warning for what is odd without being wrong.
@Suite struct LogTests {
  @Test("One line per verb, with what one looks for")
  func lines() throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration(contrail: "log-level", "info")
      let result = try node.add(pod, configuration)
      _ = try node.check(pod, result, configuration)
      try node.delete(pod, configuration)
      _ = try node.run("STATUS", nil, configuration)
      for verb in ["ADD", "CHECK", "DEL"] {
        let lines = node.log.lines.filter { fields($0)["msg"] == verb }
        #expect(lines.count == 1, "\(node.log)")
        let line = fields(lines.first ?? "")
        #expect(line["container"] == pod.container && line["time"] != nil && line["level"] == "info", "\(line)")
        #expect(lines.first?.contains(pod.name) == true && lines.first?.contains("eth0") == true)
      }
    }
  }

  @Test("An error's line holds its code and message")
  func error() throws {
    try withNode { node in
      var pod = try node.makePod()
      pod.netns = "/dev/null"
      expectError(8, try node.run("ADD", pod, node.configuration()))
      let line = node.log.lines.first { fields($0)["msg"] == "ADD" }.map(fields)
      #expect(line?["code"] == "8" && line?["level"] == "err", "\(node.log)")
    }
  }

  @Test("The Go plugin's keys are accepted with one warning; so are unknown ones")
  func formerKeys() throws {
    try withNode { node in
      let former: JSONValue = [
        "vrouter-ip": "127.0.0.1", "vrouter-port": 9091, "config-dir": "/var/lib/contrail/ports/vm",
        "poll-timeout": 5, "poll-retries": 15, "meta-plugin": "multus", "mode": "k8s", "parent-interface": "eth0",
        "vif-type": "veth",
      ]
      let contrail = node.contrail.merging(former)
      try node.add(node.makePod(), node.configuration().setting("contrail", contrail))
      let warnings = node.log.lines.filter { $0.contains("level=warning") }
      #expect(warnings.count == 1, "\(node.log)")
      for key in ["vrouter-ip", "poll-retries", "parent-interface"] { #expect(warnings.first?.contains(key) == true) }
    }
  }

  @Test(
    "An empty log-file means none; a log that cannot be written does not fail the ADD",
    arguments: ["", "/proc/none/x.log"])
  func noLog(_ path: String) throws {
    try withNode { node in
      let configuration = node.configuration(contrail: "log-file", .string(path))
      let pod = try node.makePod()
      try node.add(pod, configuration)
      try node.delete(pod, configuration)
      #expect(node.log.isEmpty)
    }
  }

  @Test(
    "The log's directory is made, and the level is a name or a number", arguments: ["debug", "7", 7] as [JSONValue])
  func level(_ level: JSONValue) throws {
    try withNode { node in
      let path = "\(node.directory)/log/cni/plugin.log"
      let configuration = node.configuration(contrail: "log-file", .string(path)).setting("contrail.log-level", level)
      try node.add(node.makePod(), configuration)
      #expect(try !readFile(path).isEmpty)
    }
  }

  private func fields(_ line: String) -> [String: String] {
    var fields: [String: String] = [:]
    for word in line.split(separator: " ") {
      guard let sign = word.firstIndex(of: "=") else { continue }
      fields[String(word[..<sign])] = String(word[word.index(after: sign)...])
    }
    return fields
  }
}
