import Glibc
import JSON
import Testing

/// A store that was lost, damaged or restored from an old copy while pods run: `contrailctl doctor --fix` takes them in
/// again from what the kernel has. What they have is theirs as before: addresses, MACs, pairs, DEL.
@Suite struct AdoptionTests {
  private struct Site {
    let node: Node
    let pods: [Pod]
    let configurations: [JSONValue]
    let results: [JSONValue]
    var store: String { "\(node.runDirectory)/attachments.db" }
  }

  private static let pairs: JSONValue = [
    [
      "name": "n1",
      "cni-args": [
        "net.juniper.contrail.allowedAddressPairs": [
          ["ip": "172.16.1.77/32", "mac": "00:00:5e:00:01:07"], ["ip": "172.16.1.0/26"],
          ["ip": "172.16.1.200", "addressMode": "active-active"],
        ]
      ],
    ]
  ]

  /// A pod in the default network and two connected ones, one with pairs, and one whose eth0 is in a network with an
  /// uplink.
  private func withSite(_ body: (Site) throws -> Void) throws {
    try withNode { node in
      let shared: JSONValue = ["routeTargetList": ["target:23:1"], "ipamV6Subnet": "fd00:1::/64"]
      try node.apply(
        labNamespace, definition("n1", shared.merging(["ipamV4Subnet": "172.16.1.0/24"])),
        definition("n2", ["ipamV4Subnet": "172.16.2.0/24", "routeTargetList": ["target:23:1"]]),
        definition("s", ["ipamV4Subnet": "172.16.3.0/24", "fabricSNAT": true, "podNetwork": true]))
      let configurations = [
        node.configuration(networks: "n1"), node.configuration(networks: Self.pairs.text()),
        node.configuration(annotations: [
          "net.juniper.contrail.podnetwork": "lab/s", "k8s.v1.cni.cncf.io/networks": "n2",
        ]),
      ]
      let pods = try configurations.map { _ in try node.makePod() }
      let results = try zip(pods, configurations).map { try node.add($0, $1) }
      try node.settleAddresses()
      try body(Site(node: node, pods: pods, configurations: configurations, results: results))
    }
  }

  /// Everything in the kernel, by content.
  private func kernel(_ site: Site) throws -> [Snapshot] {
    try ([site.node.namespace] + site.pods.map(\.namespace) + site.node.instances()).map { try Snapshot(of: $0) }
  }

  private func shell(_ line: String) throws { try Shell.run(["sh", "-c", line]) }

  private func addresses(_ site: Site) throws -> [String] {
    let store = try Store(site.node)
    return try store.rows().filter { $0.hasPrefix("allocated") || $0.hasPrefix("interface") }
  }

  private func expectWhole(_ site: Site, fixed kind: String, _ before: [Snapshot], _ held: [String]) throws {
    let fix = try DoctorTests.doctor(site.node, "--fix")
    #expect(fix.fixed.contains(kind) && fix.problems == [] && fix.failures == [], "\(fix.outcome)")
    try site.node.settle()
    for (snapshot, before) in zip(try kernel(site), before) { expectEqual(snapshot, before) }
    #expect(try addresses(site) == held)
    for index in site.pods.indices {
      expectSilentSuccess(try site.node.check(site.pods[index], site.results[index], site.configurations[index]))
    }
    let other = try #require(site.results[2].status("eth1")?["ips"]?.strings.first)
    #expect(try site.node.ping(from: site.pods[1].namespace, other))
    let fresh = try site.node.makePod()
    let result = try site.node.add(fresh, site.configurations[0])
    let taken = site.results.compactMap { $0.status("eth1")?["ips"]?.strings }.joined()
    #expect(result.status("eth1")?["ips"]?.strings.contains { taken.contains($0) } == false)
    try site.node.delete(fresh)
    for pod in site.pods { try site.node.delete(pod) }
    #expect(try site.node.pins().isEmpty && site.node.hostEnds().isEmpty && site.node.locks().isEmpty)
    #expect(try Store(site.node).allocations() == 0)
  }

  @Test("The store was deleted")
  func lost() throws {
    try withSite { site in
      let (before, held) = (try kernel(site), try addresses(site))
      try shell("rm \(site.store)*")
      let report = try DoctorTests.doctor(site.node)
      #expect(report.kinds.contains("lost-store"), "\(report.outcome)")
      expectError(104, try site.node.run("ADD", try site.node.makePod(), site.configurations[0]))
      try expectWhole(site, fixed: "lost-store", before, held)
    }
  }

  @Test("The store is damaged")
  func damaged() throws {
    try withSite { site in
      let (before, held) = (try kernel(site), try addresses(site))
      try shell("rm -f \(site.store)-journal; head -c 65536 /dev/urandom >\(site.store)")
      #expect(try DoctorTests.doctor(site.node).kinds == ["damaged-store"])
      try expectWhole(site, fixed: "damaged-store", before, held)
    }
  }

  @Test("The store is a copy from before two of the pods came, and one that is gone was there")
  func restored() throws {
    try withSite { site in
      let gone = try site.node.makePod()
      for pod in site.pods[1...] { try site.node.delete(pod) }
      try site.node.add(gone, site.configurations[0])
      try shell("cp \(site.store) \(site.node.directory)/copy")
      try site.node.delete(gone)
      site.node.destroy(gone)
      let results = try [site.results[0]] + (1...2).map { try site.node.add(site.pods[$0], site.configurations[$0]) }
      try site.node.settleAddresses()
      let now = Site(node: site.node, pods: site.pods, configurations: site.configurations, results: results)
      let (before, held) = (try kernel(now), try addresses(now))
      try shell("rm -f \(site.store)-journal; cp \(site.node.directory)/copy \(site.store)")
      let report = try DoctorTests.doctor(site.node)
      #expect(report.kinds.isSuperset(of: ["pod-gone", "stray-port", "lost-store"]), "\(report.outcome)")
      try expectWhole(now, fixed: "stray-port", before, held)
    }
  }

  @Test("Both stores were deleted: the definitions are applied again, then the pods are taken in")
  func both() throws {
    try withSite { site in
      let (before, held) = (try kernel(site), try addresses(site))
      let manifests = try site.node.contrailctl("get", "ns,net-attach-def", "-A", "-o", "json").standardOutput
      try shell("rm \(site.store)* \(site.node.stateDirectory)/objects.db*")
      let early = try DoctorTests.doctor(site.node, "--fix")
      #expect(
        early.failures.contains { $0.contains("network lab/n1") && $0.contains("is not defined") }, "\(early.outcome)")
      let apply = try site.node.contrailctl("apply", "-f", "-", input: manifests)
      #expect(apply.succeeded, "\(apply)")
      try expectWhole(site, fixed: "lost-store", before, held)
    }
  }

  @Test("What was taken in is collected by GC, whatever the network's name")
  func collected() throws {
    try withSite { site in
      try shell("rm \(site.store)*")
      let fix = try DoctorTests.doctor(site.node, "--fix")
      #expect(fix.problems == [] && fix.failures == [], "\(fix.outcome)")
      expectSilentSuccess(
        try site.node.run("GC", nil, site.node.configuration().settingMember("cni.dev/valid-attachments", [])))
      #expect(try site.node.pins().isEmpty && site.node.hostEnds().isEmpty && Store(site.node).allocations() == 0)
    }
  }
}
