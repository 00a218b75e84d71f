import JSON
import Testing

/// `contrailctl events` and `metrics`: how calls ended, from the store, whoever asks.
@Suite struct ObservabilityTests {
  @Test("Every ADD and DEL is an event, failures with code and message, the latest last; nothing is written by asking")
  func events() throws {
    try withNode { node in
      let pod = try node.makePod()
      #expect(try node.contrailctl("events").standardError == "No events.\n")
      try node.add(pod)
      var other = try node.makePod()
      other.netns = "/dev/null"
      expectError(8, try node.run("ADD", other, node.configuration()))
      let bad = node.configuration(annotations: ["k8s.v1.cni.cncf.io/networks": "none/such"])
      expectError(11, try node.run("ADD", try node.makePod(), bad))
      try node.delete(pod)
      let events = try #require(try JSONValue(parsing: node.contrailctl("events", "-o", "json").standardOutput).array)
      #expect(events.map { $0["verb"]?.string } == ["ADD", "ADD", "ADD", "DEL"])
      #expect(events.map { $0["code"]?.integer } == [0, 8, 11, 0])
      #expect(events[0]["containerID"]?.string == pod.container && events[0]["pod"]?.string == pod.name)
      #expect(events[2]["message"]?.string?.contains("none/such") == true)
      let failed = try node.contrailctl("events", "--failed", "--limit", "1").standardOutput.lines
      #expect(failed.count == 2 && failed[0].hasPrefix("TIME ") && failed[1].contains("none/such"), "\(failed)")
      #expect(try node.contrailctl("events", "--limit", "0").succeeded == false)
    }
  }

  @Test("A call that fails before anything was made leaves no store behind")
  func noStore() throws {
    try withNode { node in
      var pod = try node.makePod()
      pod.netns = "/dev/null"
      expectError(8, try node.run("ADD", pod, node.configuration()))
      let files = try Shell.run(["ls", node.runDirectory])
      #expect(files.isEmpty)
    }
  }

  /// A sample: its name, labels and value.
  private struct Sample {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  /// Reads Prometheus' text format strictly: a family's HELP and TYPE come first and once, its samples follow without
  /// others between, names and labels are well-formed, no sample is there twice.
  private func parse(_ text: String) throws -> (types: [String: String], samples: [Sample]) {
    struct Malformed: Error { let line: String }
    try #require(text.hasSuffix("\n"))
    var types: [String: String] = [:]
    var samples: [Sample] = []
    var family = ""
    var seen: Set<String> = []
    let name = /[a-zA-Z_:][a-zA-Z0-9_:]*/
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) {
      if let help = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+/) {
        family = String(help.1)
        if types[family] != nil { throw Malformed(line: line) }
        continue
      }
      if let type = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
        if String(type.1) != family { throw Malformed(line: line) }
        types[family] = String(type.2)
        continue
      }
      guard let start = line.prefixMatch(of: name), let kind = types[family] else { throw Malformed(line: line) }
      let suffixes = kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
      guard suffixes.contains(where: { family + $0 == start.output }) else { throw Malformed(line: line) }
      var rest = line[start.range.upperBound...]
      var labels: [String: String] = [:]
      if rest.first == "{" {
        rest = rest.dropFirst()
        while let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,(?=[^}])|(?=}))/) {
          if labels.updateValue(String(label.2), forKey: String(label.1)) != nil { throw Malformed(line: line) }
          rest = rest[label.range.upperBound...]
        }
        guard rest.first == "}" else { throw Malformed(line: line) }
        rest = rest.dropFirst()
      }
      guard rest.first == " ", let value = Double(rest.dropFirst()) else { throw Malformed(line: line) }
      let key = String(line[..<rest.startIndex])
      if !seen.insert(key).inserted { throw Malformed(line: line) }
      samples.append(Sample(name: String(start.output), labels: labels, value: value))
    }
    return (types, samples)
  }

  @Test(
    "Metrics are valid Prometheus text; they count what happened, also when events are forgotten; histograms add up")
  func metrics() throws {
    try withNode { node in
      _ = try parse(node.contrailctl("metrics").standardOutput)
      try node.apply(labNamespace, definition("n1", ["ipamV4Subnet": "172.16.1.0/24", "ipamV6Subnet": "fd00:1::/64"]))
      let pods = [try node.makePod(), try node.makePod()]
      for pod in pods { try node.add(pod, node.configuration(networks: "n1")) }
      var bad = try node.makePod()
      bad.netns = "/dev/null"
      expectError(8, try node.run("ADD", bad, node.configuration()))
      try node.delete(pods[1])
      func value(_ samples: [Sample], _ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = samples.filter { $0.name == name && $0.labels.merging(labels) { $1 } == $0.labels }
        return found.isEmpty ? nil : found.reduce(0) { $0 + $1.value }
      }
      let (types, samples) = try parse(node.contrailctl("metrics").standardOutput)
      #expect(
        types["contrail_cni_calls_total"] == "counter" && types["contrail_cni_call_duration_seconds"] == "histogram")
      #expect(value(samples, "contrail_cni_calls_total", ["verb": "ADD", "code": "0"]) == 2)
      #expect(value(samples, "contrail_cni_calls_total", ["verb": "ADD", "code": "8"]) == 1)
      #expect(value(samples, "contrail_cni_calls_total", ["verb": "DEL", "code": "0"]) == 1)
      #expect(value(samples, "contrail_attachments", ["state": "attached"]) == 1)
      #expect(value(samples, "contrail_routing_instances") == 2)
      #expect(value(samples, "contrail_subnet_addresses", ["subnet": "lab/n1-v4"]) == 256)
      #expect(value(samples, "contrail_subnet_addresses_in_use", ["subnet": "lab/n1-v4"]) == 4)
      try expectHistogram(samples, verb: "ADD", count: 3)
      // Two thousand more: most events are counted and forgotten.
      try Store.execute(
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        INSERT INTO event SELECT NULL, i, 'ADD', 'c', 'eth0', '', '', '', i % 2 * 11, i * 100, '' FROM n
        """, in: "\(node.runDirectory)/attachments.db")
      for _ in 0..<50 {
        try node.delete(pods[1])
        try node.add(pods[1])
        try node.delete(pods[1])
      }
      let events = try #require(
        try JSONValue(parsing: node.contrailctl("events", "--limit", "99999", "-o", "json").standardOutput).array)
      #expect(events.count <= 1100)
      let after = try parse(node.contrailctl("metrics").standardOutput).samples
      #expect(value(after, "contrail_cni_calls_total", ["verb": "ADD", "code": "0"]) == 1052)
      #expect(value(after, "contrail_cni_calls_total", ["verb": "ADD", "code": "11"]) == 1000)
      try expectHistogram(after, verb: "ADD", count: 3 + 2000 + 50)
    }
  }

  private func expectHistogram(_ samples: [Sample], verb: String, count: Double) throws {
    let own = samples.filter { $0.labels["verb"] == verb }
    let buckets = own.filter { $0.name.hasSuffix("_bucket") }
    let values = buckets.map(\.value)
    #expect(values == values.sorted() && values.last == count && buckets.last?.labels["le"] == "+Inf")
    let bounds = buckets.dropLast().compactMap { $0.labels["le"].flatMap { Double($0) } }
    #expect(bounds == bounds.sorted() && bounds.count == buckets.count - 1)
    #expect(own.first { $0.name.hasSuffix("_count") }?.value == count)
    #expect((own.first { $0.name.hasSuffix("_sum") }?.value ?? 0) > 0)
  }
}
