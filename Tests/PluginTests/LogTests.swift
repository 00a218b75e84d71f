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
        #expect(line["networks"] == "k8s-contrail/default-podnetwork" && line["code"] == "0", "\(line)")
        #expect(line["microseconds"].flatMap { Int($0) } != nil)
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

  @Test("At level debug every request to the kernel is a line; annotations' texts are nowhere")
  func debug() throws {
    try withNode { node in
      let annotations: JSONValue = ["example.com/secret": "hunter2", "k8s.v1.cni.cncf.io/networks": ""]
      let configuration = node.configuration(annotations: annotations).setting("contrail.log-level", "debug")
      let pod = try node.makePod()
      try node.add(pod, configuration)
      try node.delete(pod, configuration)
      let unknown = node.configuration(networks: #"[{"name": "a", "password": "hunter2"}]"#)
      expectError(2, naming: ["networks[0] (a): password: "], try node.run("ADD", pod, unknown))
      let requests = node.log.lines.filter { fields($0)["msg"] == "netlink" }
      for request in ["create veth vmi", "delete the links of group", "list the links", "bridge contrail"] {
        #expect(requests.contains { $0.contains(request) }, "\(request): \(requests.count) requests")
      }
      #expect(!node.log.contains("hunter2"))
    }
  }

  /// Nobody waits for a log, and what somebody planted in its place is left alone.
  private static let obstacles: [(command: String, complaint: String)] = [
    ("mkfifo LOG", "cannot write"), ("mkfifo LOG; (sleep 20 >/dev/null 2>&1 <>LOG &)", "no file of its own"),
    ("mkdir LOG", "cannot write"), ("ln -s TARGET LOG", "cannot write"), ("ln TARGET LOG", "no file of its own"),
    ("mknod LOG c 1 7", "no file of its own"),
    ("python3 -c 'import socket; socket.socket(1).bind(\"LOG\")'", "cannot write"),
  ]

  @Test("What is in the log's place fails no call, delays none, and is not written to", arguments: obstacles.indices)
  func obstacle(_ index: Int) throws {
    try withNode { node in
      let (command, complaint) = Self.obstacles[index]
      let target = "\(node.directory)/target"
      try writeFile(target, "kept")
      try Shell.run([
        "sh", "-c",
        command.replacing("LOG", with: node.logFile).replacing("TARGET", with: target),
      ])
      let pod = try node.makePod()
      let outcome = try node.run("ADD", pod, node.configuration())
      #expect(outcome.succeeded && outcome.standardError.contains(complaint), "\(outcome)")
      #expect(try readFile(target) == "kept")
      _ = try node.run("DEL", pod, node.configuration())
    }
  }

  @Test("A full log becomes FILE.1, once, also with many calls at a time; a full file system fails no call")
  func bounded() throws {
    try withNode { node in
      let pods = try (0..<6).map { _ in try node.makePod() }
      try writeFile(node.logFile, "first\n")
      try Shell.run(["truncate", "-s", "10M", node.logFile])
      try writeFile(node.logFile + ".1", "older")
      let children = try pods.map {
        try node.start(node.environment("ADD", $0), .text(node.configuration().text()))
      }
      for child in children { #expect(child.finish().succeeded) }
      #expect(try Shell.run(["head", "-c6", node.logFile + ".1"]) == "first\n")
      let size = Int(try Shell.run(["stat", "-c", "%s", node.logFile]).lines[0]) ?? 0
      #expect(size < 100_000, "\(size)")
      // Whoever opened the full one before it was renamed wrote there.
      let lines =
        node.log.lines.filter { $0.contains("msg=ADD") }.count
        + (try Shell.run(["sh", "-c", "tr -d '\\0' <\(node.logFile).1 | grep -c msg=ADD || true"]).lines.first.flatMap {
          Int($0)
        } ?? 0)
      #expect(lines == 6)
      #expect(try Shell.run(["stat", "-c", "%a", node.logFile]).lines == ["600"])
    }
    try withNode { node in
      let mount = "\(node.directory)/small"
      try Shell.run(["mkdir", mount])
      try Shell.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", mount])
      try Shell.run(["sh", "-c", "head -c 4096 /dev/zero >\(mount)/full"])
      let pod = try node.makePod()
      let outcome = try node.run("ADD", pod, node.configuration(contrail: "log-file", .string("\(mount)/full")))
      #expect(outcome.succeeded && outcome.standardError.contains("No space left"), "\(outcome)")
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
