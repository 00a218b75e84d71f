internal import ArgumentParser
internal import ObjectStore

struct Metrics: ClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what happened and what there is on this node, for Prometheus.",
    discussion: """
      Calls by verb and code, how long they took, addresses by subnet, attachments and routing instances, in Prometheus' \
      text format. There is no daemon: let a timer write it where the node exporter's textfile collector looks.

      Examples:
        contrailctl metrics > /var/lib/node_exporter/contrail.prom.new && mv /var/lib/node_exporter/contrail.prom{.new,}
      """)

  @OptionGroup var connection: ConnectionOptions

  func run(on cluster: any Cluster, _ console: Console) throws {
    let (tallies, counts, subnets) = try cluster.metrics()
    var text = ExpositionText()
    add(tallies, to: &text)
    text.family("contrail_attachments", .gauge, "Attachments by state.")
    text.sample(["state": "attached"], "\(counts.attached)")
    text.sample(["state": "pending"], "\(counts.pending)")
    text.family("contrail_routing_instances", .gauge, "Routing instances that the kernel holds.")
    text.sample([:], "\(counts.instances)")
    text.family("contrail_subnet_addresses", .gauge, "All addresses of a subnet.")
    for subnet in subnets { text.sample(subnet.labels, number(subnet.total)) }
    text.family(
      "contrail_subnet_addresses_in_use", .gauge,
      "Addresses of a subnet that are taken: pods', and as Contrail counts the first, the gateway and the last.")
    for subnet in subnets { text.sample(subnet.labels, number(subnet.inUse)) }
    console.write(text.text)
  }

  private func add(_ tallies: [CallTally], to text: inout ExpositionText) {
    text.family("contrail_cni_calls_total", .counter, "Calls of the plugin by verb and CNI error code, 0 for success.")
    for (key, count) in sums(tallies, by: { [$0.verb, "\($0.code)"] }) {
      text.sample(["verb": key[0], "code": key[1]], "\(count)")
    }
    text.family("contrail_cni_call_duration_seconds", .histogram, "How long calls of the plugin took.")
    for verb in Set(tallies.map(\.verb)).sorted() {
      let own = tallies.filter { $0.verb == verb }
      for bound in CallTally.bounds {
        let count = own.filter { $0.bound.map { $0 <= bound } ?? false }.reduce(0) { $0 + $1.count }
        text.sample(["verb": verb, "le": "\(Double(bound) / 1_000_000)"], "\(count)", suffix: "_bucket")
      }
      let all = own.reduce(0) { $0 + $1.count }
      text.sample(["verb": verb, "le": "+Inf"], "\(all)", suffix: "_bucket")
      text.sample(["verb": verb], "\(Double(own.reduce(0) { $0 + $1.microseconds }) / 1_000_000)", suffix: "_sum")
      text.sample(["verb": verb], "\(all)", suffix: "_count")
    }
  }

  private func sums(_ tallies: [CallTally], by key: (CallTally) -> [String]) -> [([String], UInt64)] {
    var sums: [[String]: UInt64] = [:]
    for tally in tallies { sums[key(tally), default: 0] += tally.count }
    return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  /// Without a fraction where it is a whole number that a `Double` has exactly.
  private func number(_ value: Double) -> String {
    value < 0x1p53 ? "\(UInt64(value))" : "\(value)"
  }
}

/// A subnet and how full it is.
struct SubnetMetric {
  let labels: KeyValuePairs<String, String>
  let total: Double
  let inUse: Double
}

/// Prometheus' text format, version 0.0.4.
struct ExpositionText {
  enum Kind: String {
    case counter, gauge, histogram
  }

  private(set) var text = ""
  private var name = ""

  /// Begins a metric; its samples follow.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ labels: KeyValuePairs<String, String>, _ value: String, suffix: String = "") {
    let list = labels.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    text += "\(name)\(suffix)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
  }

  private func escaped(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
