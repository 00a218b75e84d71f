import Glibc
import JSON
import Testing

/// CHECK and DEL cover every interface of a pod, from what ADD recorded.
@Suite struct SeveralInterfacesTests {
  static let damages: [Damage] = [
    .init(testDescription: "IPv4 address gone", command: "ip addr del V4/24 dev eth1", word: "V4"),
    .init(testDescription: "IPv6 address gone", command: "ip addr del V6/64 dev eth1", word: "V6"),
    .init(testDescription: "default route gone", command: "ip route del default", word: "172.16.20.1"),
    .init(testDescription: "IPv6 default route gone", command: "ip -6 route del default", word: "fd00:20::1"),
    .init(testDescription: "link down", command: "ip link set eth1 down", word: "eth1"),
    .init(testDescription: "link gone", command: "ip link del eth1", word: "eth1"),
    .init(testDescription: "another MAC", command: "ip link set eth1 address 02:00:00:00:00:99", word: "eth1"),
    .init(testDescription: "renamed", command: "ip link set eth1 down; ip link set eth1 name y1", word: "eth1"),
    .init(testDescription: "host end down", atHostEnd: true, command: "ip link set VMI down", word: "VMI"),
    .init(
      testDescription: "host end off the bridge", atHostEnd: true, command: "ip link set VMI nomaster", word: "VMI"),
    .init(testDescription: "bridge down", atHostEnd: true, command: "ip link set contrail0 down", word: "contrail0"),
    .init(testDescription: "bridge gone", atHostEnd: true, command: "ip link del contrail0", word: "contrail0"),
    .init(
      testDescription: "gateway gone", atHostEnd: true, command: "ip addr del 172.16.20.1/24 dev contrail0",
      word: "172.16.20.1"),
    .init(
      testDescription: "filter gone", atHostEnd: true, command: "nft delete table bridge contrail", word: "bridge"),
    .init(
      testDescription: "a filter element gone", atHostEnd: true,
      command: "nft delete element bridge contrail $(nft list table bridge contrail | awk "
        + "'/set /{s=$2} /VMI/ && !d {match($0, /\"VMI\" [^,}]*/); print s \" { \" substr($0, RSTART, RLENGTH) \" }\"; d=1}')",
      word: "VMI"),
  ]

  static let networks = #"[{"name": "dual", "default-route": []}]"#

  @Test("CHECK finds and names what is wrong with eth1, its host end or its instance", arguments: damages)
  func damaged(_ damage: Damage) throws {
    try withLab { node in
      let pod = try node.makePod()
      let configuration = node.configuration(networks: Self.networks)
      let result = try node.add(pod, configuration)
      let addresses = try #require(result.status("eth1")?["ips"]?.strings)
      let replacements = ["VMI": try node.hostEnds(in: "lab.dual")[0], "V4": addresses[0], "V6": addresses[1]]
      try damage.expectNamed(pod, hostEndIn: node.instance("lab.dual"), replacements) {
        try node.check(pod, result, configuration)
      }
      try node.delete(pod, configuration)
      #expect(try node.pins().isEmpty && Store(node).allocations() == 0)
    }
  }

  enum Change: String, CaseIterable {
    case deletedDefinition, changedDefinition, editedAnnotation, lostDefinitions, unreadableAnnotation
  }

  @Test("DEL does not ask what the definitions and the annotations say now", arguments: Change.allCases)
  func changed(_ change: Change) throws {
    try withLab { node in
      let pod = try node.makePod()
      try expectUnchanged(node) {
        try node.add(pod, node.configuration(networks: "a,b"))
        var configuration = node.configuration(networks: "a,b")
        switch change {
        case .deletedDefinition:
          #expect(try node.contrailctl("delete", "net-attach-def", "a", "-n", "lab").succeeded)
        case .changedDefinition:
          try node.apply(definition("b", ["ipamV6Subnet": "fd00:b::/64", "routeTargetList": ["target:23:4561"]]))
        case .editedAnnotation: configuration = node.configuration(networks: "dual@z9,nowhere")
        case .lostDefinitions: try Shell.run(["sh", "-c", "rm \(node.stateDirectory)/*"])
        case .unreadableAnnotation: configuration = node.configuration(networks: "[{")
        }
        try node.delete(pod, configuration)
      }
    }
  }

  static let tricks = [
    "ip link set eth1 group 0; ip link set x1 group 7", "ip link set eth1 down; ip link set eth1 name q7",
    "ip addr flush dev eth1; ip addr add 172.16.10.200/24 dev eth1",
    "ip link set eth0 group 0; ip link set eth1 group 0; ip link set x1 group 0",
    "ip link del x1", "ip link set eth1 netns OTHER",
    "ip link set eth1 group 0; ip link set eth1 netns OTHER",
    "ip link set eth0 down; ip link set eth0 name old; "
      + "ip link set x1 down; ip link set x1 name eth0",
  ]

  @Test("A privileged pod changes its interfaces: DEL removes all, and releases the addresses", arguments: tricks)
  func privileged(_ trick: String) throws {
    try withLab { node in
      let pod = try node.makePod()
      let other = try node.makeNamespace()
      try expectUnchanged(node) {
        try node.add(pod, node.configuration(networks: "a,b@x1"))
        let command = trick.replacing("OTHER", with: other.name)
        try Shell.run(["sh", "-c", command], in: pod.namespace)
        try node.delete(pod)
      }
      #expect(try other.linkNames() == ["lo"])
    }
  }

  @Test("DEL with an empty and with a vanished namespace", arguments: [true, false])
  func withoutNamespace(_ isDestroyed: Bool) throws {
    try withLab { node in
      var pod = try node.makePod()
      let before = try Snapshot(of: node.namespace)
      try node.add(pod, node.configuration(networks: "a,b"))
      if isDestroyed { node.destroy(pod) } else { pod.netns = "" }
      try node.delete(pod)
      expectEqual(try Snapshot(of: node.namespace), before)
      #expect(try node.pins().isEmpty && node.locks().isEmpty && Store(node).allocations() == 0)
    }
  }

  @Test("A retry of a pod that is in a user network only spares the first while it lives")
  func livingSandbox() throws {
    try withLab { node in
      let configuration = node.configuration(annotations: ["net.juniper.contrail.podnetwork": "lab/dual"])
      let first = try node.makePod()
      var second = try node.makePod()
      second.uid = first.uid
      try node.add(first, configuration)
      // Only the path is gone: something still holds the namespace.
      let hidden = "\(node.directory)/hidden"
      try Shell.run([
        "sh", "-c", "touch \(hidden); mount --bind \(first.netns) \(hidden); ip netns del \(first.namespace.name)",
      ])
      try node.add(second, configuration)
      #expect(try node.hostEnds(in: "lab.dual").count == 2)
      #expect(try Store(node).attachments().count == 2)
      try Shell.run(["umount", hidden])
    }
  }
}
