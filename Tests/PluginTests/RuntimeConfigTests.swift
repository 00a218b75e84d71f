import JSON
import Testing

/// What runtimes and people ask for: addresses, MACs, name servers; Go runtimes write keys in any case (37).
@Suite struct RuntimeConfigTests {
  static let dns: JSONValue = ["nameservers": ["10.96.0.10"], "search": ["svc.cluster.local"], "options": ["ndots:5"]]

  @Test(
    "37: keys in any case read alike",
    arguments: [
      [
        "ips": ["10.32.0.77/12"], "mac": "02:00:00:00:00:77",
        "dns": ["servers": ["10.96.0.10"], "searches": ["svc.cluster.local"], "options": ["ndots:5"]],
        "portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp"]],
      ],
      [
        "IPs": ["10.32.0.77/12"], "Mac": "02:00:00:00:00:77",
        "DNS": ["Servers": ["10.96.0.10"], "Searches": ["svc.cluster.local"], "Options": ["ndots:5"]],
        "PortMappings": [["HostPort": 8080, "ContainerPort": 80, "Protocol": "tcp", "HostIP": ""]],
      ],
    ] as [JSONValue])
  func anyCase(_ runtimeConfig: JSONValue) throws {
    try withNode { node in
      let pod = try node.makePod()
      let result = try node.add(pod, node.configuration().setting("runtimeConfig", runtimeConfig))
      #expect(result.ipv4 == "10.32.0.77")
      #expect(result.container?["mac"] == "02:00:00:00:00:77")
      #expect(result["dns"] == Self.dns)
    }
  }

  @Test(
    "The MAC: CNI_ARGS gives way to args, and args to runtimeConfig",
    arguments: [
      (1, "02:00:00:00:00:01"), (2, "02:00:00:00:00:02"), (3, "02:00:00:00:00:03"),
    ])
  func macPrecedence(_ level: Int, _ expected: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      var environment = node.environment("ADD", pod)
      environment["CNI_ARGS"]! += ";MAC=02:00:00:00:00:01"
      var configuration = node.configuration()
      if level >= 2 { configuration = configuration.setting("args.cni", ["mac": "02:00:00:00:00:02"]) }
      if level >= 3 { configuration = configuration.setting("runtimeConfig.mac", "02:00:00:00:00:03") }
      let outcome = try node.run(environment, .text(configuration.text()))
      #expect(parse(outcome.standardOutput)?.container?["mac"]?.string == expected, "\(outcome)")
      #expect(try pod.namespace.link("eth0")?.mac == expected)
    }
  }

  @Test("An address that is asked for", arguments: ["10.32.7.7", "10.47.255.254", "fd00:10:32::77"])
  func requestedAddress(_ address: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      let other = try node.makePod()
      let configuration = node.configuration().setting("runtimeConfig.ips", [.string(address)])
      let result = try node.add(pod, configuration)
      #expect([result.ipv4, result.ipv6].contains(address) && result.addresses.count == 2, "\(result)")
      try expectUnchanged(node, "held by another pod") {
        expectError(11, naming: [address], try node.run("ADD", other, configuration))
      }
      try node.delete(pod)
      try node.add(other, configuration)
    }
  }

  @Test(
    "An address that no pod can have",
    arguments: ["10.32.0.1", "10.32.0.0", "10.47.255.255", "10.64.0.1", "x", "fd00:10:33::2"])
  func impossibleAddress(_ address: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration().setting("runtimeConfig.ips", [.string(address)])
      try expectUnchanged(node) { expectError(7, naming: [address], try node.run("ADD", pod, configuration)) }
    }
  }

  @Test("A MAC that no interface can have", arguments: ["01:00:5e:00:00:01", "02:00:00", "00:00:00:00:00:00", "zz"])
  func impossibleMAC(_ mac: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration().setting("runtimeConfig.mac", .string(mac))
      try expectUnchanged(node) { expectError(7, naming: [mac], try node.run("ADD", pod, configuration)) }
    }
  }

  @Test("An exhausted pool is code 11, and a freed address serves again")
  func exhausted() throws {
    try withNode { node in
      let configuration = node.configuration(contrail: "pod-network", ["ipamV4Subnet": "10.32.0.0/30"])
      let first = try node.makePod()
      let second = try node.makePod()
      #expect(try node.add(first, configuration).addresses == ["10.32.0.2/30"])
      try expectUnchanged(node) {
        expectError(11, naming: ["10.32.0.0/30"], try node.run("ADD", second, configuration))
      }
      try node.delete(first, configuration)
      #expect(try node.add(second, configuration).addresses == ["10.32.0.2/30"])
    }
  }

  /// Next-fit: what was just released is not what comes next.
  @Test("Addresses go upwards and are not reused at once")
  func order() throws {
    try withNode { node in
      var addresses: [String] = []
      for _ in 0..<3 {
        let pod = try node.makePod()
        addresses.append(try node.add(pod).ipv4)
        try node.delete(pod)
      }
      #expect(addresses == ["10.32.0.2", "10.32.0.3", "10.32.0.4"])
    }
  }
}
