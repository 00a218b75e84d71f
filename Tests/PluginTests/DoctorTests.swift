import Glibc
import JSON
import Testing

/// `contrailctl doctor` finds what is not as records, definitions and kernel together say it should be, names it, and says
/// what to do; `--fix` does it. A node on which nothing was damaged has no findings.
@Suite struct DoctorTests {
  struct Report {
    let outcome: Outcome
    let value: JSONValue

    var kinds: Set<String> { Set(value["findings"]?.array?.compactMap { $0["kind"]?.string } ?? []) }
    var problems: [String] { value["findings"]?.array?.compactMap { $0["problem"]?.string } ?? [] }
    var fixed: Set<String> { Set(value["fixed"]?.array?.compactMap { $0["kind"]?.string } ?? []) }
    var failures: [String] { value["failures"]?.strings ?? [] }
  }

  static func doctor(_ node: Node, _ more: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> Report
  {
    let outcome = try node.contrailctl(arguments: ["doctor", "-o", "json"] + more)
    let value = try #require(parse(outcome.standardOutput), "\(outcome)", sourceLocation: sourceLocation)
    let report = Report(outcome: outcome, value: value)
    #expect(
      outcome.succeeded == (report.kinds.isEmpty && report.failures.isEmpty), "\(outcome)",
      sourceLocation: sourceLocation)
    return report
  }

  /// Pods `left` in n1 and `right` in n2, which a target connects, `right` also in `s`, which has an uplink.
  struct Lab {
    let node: Node
    let left: Pod
    let right: Pod
    /// Of `left` and `right`.
    let results: [JSONValue]

    func instance(_ name: String) -> NetworkNamespace { node.instance("lab.\(name)") }
    func hostEnd(_ name: String) throws -> String { try node.hostEnds(in: "lab.\(name)")[0] }
    var store: String { "\(node.runDirectory)/attachments.db" }
  }

  private static func network(_ name: String, _ subnet: Int, _ more: JSONValue = [:]) -> JSONValue {
    let own: JSONValue = [
      "ipamV4Subnet": .string("172.16.\(subnet).0/24"), "ipamV6Subnet": .string("fd00:\(subnet)::/64"),
    ]
    return definition(name, own.merging(more))
  }

  static func withLab(_ body: (Lab) throws -> Void) throws {
    try withNode { node in
      let shared: JSONValue = ["routeTargetList": ["target:23:1"]]
      try node.apply(
        labNamespace, network("n1", 1, shared), network("n2", 2, shared),
        network("s", 3, ["fabricSNAT": true, "podNetwork": true]))
      let pods = [try node.makePod(), try node.makePod()]
      let results = try zip(pods, ["n1", "n2,s"]).map { try node.add($0, node.configuration(networks: $1)) }
      try node.settle()
      try body(Lab(node: node, left: pods[0], right: pods[1], results: results))
    }
  }

  @Test("Nothing is found on a sound node, with pods and without, and nothing is changed by asking")
  func sound() throws {
    try Self.withLab { lab in
      let before = try Snapshot(of: lab.node)
      let report = try Self.doctor(lab.node)
      #expect(report.problems == [])
      #expect(report.value["attachments"] == 2 && report.value["instances"] == 4, "\(report.outcome)")
      let fix = try lab.node.contrailctl("doctor", "--fix")
      #expect(
        fix.succeeded
          && fix.standardOutput == "Nothing is wrong; 2 attachments and 4 routing instances were looked at.\n", "\(fix)"
      )
      expectEqual(try Snapshot(of: lab.node), before)
      for pod in [lab.left, lab.right] { try lab.node.delete(pod) }
      #expect(try Self.doctor(lab.node).problems == [])
    }
  }

  @Test("Nothing is found, and nothing is made, where no plugin ever ran")
  func fresh() throws {
    try withNode { node in
      let report = try Self.doctor(node)
      #expect(report.problems == [])
      let files = try Shell.run(["ls", node.runDirectory])
      #expect(files.isEmpty)
    }
  }

  /// What is damaged by which command, and what is found.
  struct Damage: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let kind: String
    /// What is named.
    let word: String
    /// Whether `--fix` mends it.
    let isFixed: Bool
    let command: @Sendable (Lab) throws -> Void

    init(
      _ description: String, _ kind: String, naming word: String, isFixed: Bool = true,
      _ command: @escaping @Sendable (Lab) throws -> Void
    ) {
      testDescription = description
      self.kind = kind
      self.word = word
      self.isFixed = isFixed
      self.command = command
    }
  }

  private static func shell(_ line: String, in namespace: NetworkNamespace? = nil) throws {
    try Shell.run(["sh", "-c", line], in: namespace)
  }

  static let damages: [Damage] = [
    Damage("the node's bridge is deleted", "instance", naming: "contrail0 is missing") {
      try shell("ip link del contrail0", in: $0.node.namespace)
    },
    Damage("an instance's bridge is deleted", "instance", naming: "contrail0 is missing") {
      try shell("ip link del contrail0", in: $0.instance("n1"))
    },
    Damage("a gateway's address is deleted", "instance", naming: "172.16.1.1/24") {
      try shell("ip addr del 172.16.1.1/24 dev contrail0", in: $0.instance("n1"))
    },
    Damage("a host end is down", "attachment", naming: "is down") { lab in
      try shell("ip link set \(lab.hostEnd("n1")) down", in: lab.instance("n1"))
    },
    Damage("a host end left its bridge", "attachment", naming: "is no port of contrail0") { lab in
      try shell("ip link set \(lab.hostEnd("n2")) nomaster", in: lab.instance("n2"))
    },
    Damage("a forwarding entry is deleted", "attachment", naming: "forwarding entry") { lab in
      let mac = try #require(lab.results[0].status("eth1")?["mac"]?.string)
      try shell("bridge fdb del \(mac) dev \(lab.hostEnd("n1")) master", in: lab.instance("n1"))
    },
    Damage("a neighbour is deleted", "attachment", naming: "does not know the neighbour 172.16.1.2") { lab in
      try shell("ip neigh del 172.16.1.2 dev contrail0", in: lab.instance("n1"))
    },
    Damage("a set is emptied", "attachment", naming: "bridge contrail bind4 lacks an element") {
      try shell("nft flush set bridge contrail bind4", in: $0.instance("n1"))
    },
    Damage("a foreign rule is in our table", "rules", naming: "chain port-ipv4: rule of handle") {
      try shell("nft insert rule bridge contrail port-ipv4 accept", in: $0.instance("n1"))
    },
    Damage("a rule of ours is deleted", "rules", naming: "chain port ") { lab in
      try shell("nft flush chain bridge contrail port", in: lab.node.namespace)
    },
    Damage("a foreign chain is in our table", "rules", naming: "chain mine is none of ours") {
      try shell("nft add chain inet contrail mine", in: $0.node.namespace)
    },
    Damage("our table is deleted", "rules", naming: "table inet contrail is missing") {
      try shell("nft delete table inet contrail", in: $0.node.namespace)
    },
    Damage("the node does not forward", "forwarding", naming: "net/ipv4/ip_forward is 0") {
      try shell("sysctl -qw net.ipv4.ip_forward=0", in: $0.node.namespace)
    },
    Damage("an instance does not forward IPv6", "forwarding", naming: "net/ipv6/conf/all/forwarding is 0") {
      try shell("sysctl -qw net.ipv6.conf.all.forwarding=0", in: $0.instance("n1"))
    },
    Damage("an instance filters by path", "forwarding", naming: "rp_filter is 1") {
      try shell("sysctl -qw net.ipv4.conf.all.rp_filter=1", in: $0.instance("n1"))
    },
    Damage("another's table is in an instance", "foreign-table", naming: "table ip mine", isFixed: false) {
      try shell("nft add table ip mine", in: $0.instance("n1"))
    },
    Damage("the transit does not forward", "transit", naming: "net/ipv4/ip_forward is 0") {
      try shell("sysctl -qw net.ipv4.ip_forward=0", in: $0.node.instance("transit"))
    },
    Damage("a link to the transit is deleted", "transit", naming: "vni5") {
      try shell("ip link del tr0", in: $0.instance("n1"))
    },
    Damage("a link to the transit is down", "transit", naming: "vni6") {
      try shell("ip link set vni6 down", in: $0.node.instance("transit"))
    },
    Damage("a transit table lost a route", "transit", naming: "the table of lab/n1 lacks the route to 172.16.2.0/24") {
      try shell("ip route del 172.16.2.0/24 table \(0x100_0000 + 5)", in: $0.node.instance("transit"))
    },
    Damage("a transit table lost its rule", "transit", naming: "no IPv4 rule leads what comes by vni5") {
      try shell("ip rule del iif vni5", in: $0.node.instance("transit"))
    },
    Damage("a link's end lost its neighbour", "transit", naming: "do not know each other's IPv4 address") {
      try shell("ip neigh del 169.254.0.1 dev tr0", in: $0.instance("n1"))
    },
    Damage("an instance lost a route", "transit", naming: "instance lab/n1 lacks the route to 172.16.2.0/24") {
      try shell("ip route del 172.16.2.0/24", in: $0.instance("n1"))
    },
    Damage("the transit's rules are gone", "transit", naming: "table inet contrail is missing") {
      try shell("nft flush ruleset", in: $0.node.instance("transit"))
    },
    Damage("the transit's namespace is gone", "transit", naming: "is not the namespace that was pinned there") {
      try shell("umount \($0.node.instance("transit").path)")
    },
    Damage("an uplink is deleted", "uplink", naming: "the uplink ctsnat5 is not there") {
      try shell("ip link del up0", in: $0.instance("s"))
    },
    Damage("an uplink's address is deleted", "uplink", naming: "lacks the address 100.64.0.4") {
      try shell("ip addr del 100.64.0.4/32 dev ctsnat5", in: $0.node.namespace)
    },
    Damage("the way out of an instance is deleted", "uplink", naming: "instance lab/s lacks the route to 0.0.0.0/0") {
      try shell("ip route del default", in: $0.instance("s"))
    },
    Damage("the uplinks' rules are deleted", "rules", naming: "table inet contrail-uplinks is missing") {
      try shell("nft delete table inet contrail-uplinks", in: $0.node.namespace)
    },
    Damage("a pod's route to a connected network is deleted", "pod-route", naming: "lacks the route to 172.16.2.0/24") {
      try shell("ip route del 172.16.2.0/24", in: $0.left.namespace)
    },
    Damage("a pod's interface is down", "pod-inside", naming: "interface eth1 is down", isFixed: false) {
      try shell("ip link set eth1 down", in: $0.left.namespace)
    },
    Damage("a link is nobody's", "stray-port", naming: "vmi00000000000") {
      try shell(
        "ip link add vmi00000000000 type veth peer name x; ip link set vmi00000000000 master contrail0",
        in: $0.node.namespace)
    },
    Damage("a neighbour is nobody's", "stray-entry", naming: "172.16.1.99") {
      try shell("ip neigh add 172.16.1.99 lladdr 02:00:00:00:00:99 dev contrail0", in: $0.instance("n1"))
    },
    Damage("a permission is nobody's", "stray-entry", naming: "vmi00000000001") {
      try shell(
        "nft add element bridge contrail bind4 '{ \"vmi00000000001\" . 02:00:00:00:00:99 . 172.16.1.99 }'",
        in: $0.instance("n1"))
    },
    Damage("a pin is nobody's", "unused-instance", naming: "lab.gone") { lab in
      let path = "\(lab.node.runDirectory)/netns/lab.gone"
      try shell("touch \(path); unshare --net=\(path) true")
    },
    Damage("a lock is nobody's", "lock-file", naming: "container-gone") {
      try shell("umask 077; touch \($0.node.runDirectory)/locks/container-gone")
    },
    Damage("a lock is held", "", naming: "") { lab in
      // Not left over: somebody works.
      let path = "\(lab.node.runDirectory)/locks/container-here"
      let child = try Child(
        ["/usr/bin/python3", "-c", Self.holder, path], environment: Shell.environment, in: nil)
      lab.node.onCleanup {
        child.kill()
        _ = child.finish()
      }
      let deadline = Monotonic.now() + 20
      while (try? readFile(path)) != "held", Monotonic.now() < deadline { Monotonic.sleep(0.01) }
    },
    Damage("the log is open to others", "permissions", naming: "plugin.log is open to others: its mode is 0644") {
      try shell("chmod 644 \($0.node.logFile)")
    },
    Damage("the store's directory can be written by others", "permissions", naming: "its mode is 0777") {
      try shell("chmod 777 \($0.node.runDirectory)")
    },
    Damage("a lock is a link", "permissions", naming: "is no regular file", isFixed: false) {
      try shell("ln -s /etc/passwd \($0.node.runDirectory)/locks/container-link")
    },
    Damage("others drop what is forwarded", "foreign-chain", naming: "ip filter FORWARD", isFixed: false) {
      try shell(
        "nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'",
        in: $0.node.namespace)
    },
    Damage("others drop, but not what is ours", "", naming: "") {
      try shell(
        "nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }';"
          + "nft add rule ip filter FORWARD iifname contrail0 accept; nft add rule ip filter FORWARD oifname contrail0 accept",
        in: $0.node.namespace)
    },
    Damage("kube-proxy does not see bridged packets", "bridge-filter", naming: "is 0", isFixed: false) {
      try shell(
        "sysctl -qw net.bridge.bridge-nf-call-iptables=0; nft add table ip nat; nft add chain ip nat KUBE-SERVICES",
        in: $0.node.namespace)
    },
    Damage("a pod is gone without DEL", "pod-gone", naming: "is gone") { $0.node.destroy($0.left) },
    Damage("an ADD was killed", "unfinished", naming: "not attached to the end") { lab in
      try Store.execute("UPDATE attachment SET state = 0 WHERE container = '\(lab.left.container)'", in: lab.store)
    },
    Damage("addresses are held by nobody", "leaked-address", naming: "container gone") { lab in
      try Store.execute(
        "INSERT INTO allocation SELECT pool, X'AC1001C8', 'gone', 'eth0', '' FROM allocation LIMIT 1", in: lab.store)
    },
    Damage("a change of the definitions did not arrive", "outdated-instance", naming: "definitions and record differ") {
      try Store.execute("UPDATE instance SET fingerprint = '' WHERE name = 'lab/n1'", in: $0.store)
    },
    Damage("the definitions are lost", "lost-definitions", naming: "lab/n1", isFixed: false) {
      try shell("rm \($0.node.stateDirectory)/objects.db")
    },
    Damage("an instance's pin is gone", "lost-namespace", naming: "lab.n1", isFixed: false) {
      try shell("umount \($0.instance("n1").path)")
    },
  ]

  private static let holder = """
    import fcntl, os, struct, sys, time
    file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.fcntl(file, 37, struct.pack('hhlli4x', fcntl.F_WRLCK, 0, 0, 0, 0))
    os.write(file, b'held')
    time.sleep(600)
    """

  @Test("Whatever is damaged is found and named; --fix mends what it can", arguments: damages)
  func damaged(_ damage: Damage) throws {
    try Self.withLab { lab in
      try damage.command(lab)
      let report = try Self.doctor(lab.node)
      if damage.kind.isEmpty {
        #expect(report.problems == [])
        return
      }
      let finding = report.value["findings"]?.array?.first {
        $0["kind"]?.string == damage.kind && $0["problem"]?.string?.contains(damage.word) == true
      }
      #expect(finding != nil, "\(report.outcome)")
      #expect(finding?["remedy"]?.string?.isEmpty == false && finding?["reason"]?.string?.isEmpty == false)
      #expect(finding?["treatable"]?.bool == damage.isFixed, "\(report.outcome)")
      let fix = try Self.doctor(lab.node, "--fix")
      if !damage.isFixed {
        #expect(fix.kinds.contains(damage.kind), "\(fix.outcome)")
        return
      }
      #expect(fix.fixed.contains(damage.kind) && fix.problems == [], "\(fix.outcome)")
      #expect(try Self.doctor(lab.node).problems == [])
      guard !["pod-gone", "unfinished"].contains(damage.kind) else { return }
      try lab.node.settle()
      for (pod, result) in zip([lab.left, lab.right], lab.results) {
        expectSilentSuccess(try lab.node.check(pod, result))
      }
      #expect(try lab.node.ping(from: lab.left.namespace, "172.16.2.2"))
    }
  }
}
