import Glibc
import JSON
import Testing

/// What SECURITY.md promises of names, files and tables.
@Suite struct SecurityTests {
  // MARK: Names

  /// No name that a caller or a pod gives reaches a file outside of the plugin's directories, or a parameter of the kernel
  /// that is not its interface's.
  @Test(
    "Names that would lead elsewhere",
    arguments: ["..", "../../x", "/etc/passwd", "a/../b", "a b", "a\u{1}", "x%d", "all", "default", "ä/"])
  func callersNames(_ name: String) throws {
    try withNode { node in
      try node.warmUp()
      var pod = try node.makePod()
      pod.container = name
      let isIdentifier = ["all", "default"].contains(name)
      try expectUnchanged(node) {
        if !isIdentifier { expectError(4, naming: ["CNI_CONTAINERID"], try node.run("ADD", pod, node.configuration())) }
      }
      pod = try node.makePod()
      pod.interface = name
      try expectUnchanged(node) {
        expectError(4, naming: ["CNI_IFNAME"], try node.run("ADD", pod, node.configuration()))
      }
    }
  }

  @Test(
    "Networks and interfaces that a pod names",
    arguments: [
      "../../etc", "lab/..", "lab/../n1", "/n1", "n1/", "n1@..", "n1@a/b", "n1@x%d", "n1@all", "lab/n1@../../../x",
    ])
  func podsNames(_ selection: String) throws {
    try withNode { node in
      try node.apply(labNamespace, definition("n1", ["ipamV4Subnet": "172.16.1.0/24"]))
      try node.warmUp()
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration(networks: selection))
        let code = parse(outcome.standardOutput)?["code"]?.integer
        #expect(!outcome.succeeded && (code == 7 || code == 11), "\(outcome)")
      }
    }
  }

  @Test("Objects' names", arguments: ["..", "../x", "a/b", "a\\b", "A", "a b", "-a", "a..", "ä", ""])
  func objectsNames(_ name: String) throws {
    try withNode { node in
      try node.apply(labNamespace)
      let named = try node.contrailctl(
        "apply", "-f", "-", input: definition(name, ["ipamV4Subnet": "172.16.1.0/24"]).text())
      #expect(!named.succeeded, "\(named)")
      let spaced = try node.contrailctl(
        "apply", "-f", "-",
        input: definition("n", in: name.isEmpty ? "-" : name, ["ipamV4Subnet": "172.16.1.0/24"]).text())
      #expect(!spaced.succeeded, "\(spaced)")
      let space = try node.contrailctl(
        "apply", "-f", "-", input: #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a.b"}}"#)
      #expect(!space.succeeded, "\(space)")
    }
  }

  // MARK: Files

  @Test("What the plugin and contrailctl make is root's alone, whatever the caller's umask")
  func modes() throws {
    try withNode { node in
      for directory in [node.runDirectory, node.stateDirectory] { try Shell.run(["rmdir", directory]) }
      let conf = "\(node.directory)/conf.json"
      let log = "\(node.directory)/log/cni/plugin.log"
      let configuration = node.configuration(contrail: "log-file", .string(log))
      try writeFile(conf, configuration.text())
      let manifest = "\(node.directory)/manifest.json"
      try writeFile(manifest, definition("n1", in: "default", ["ipamV4Subnet": "172.16.1.0/24"]).text())
      try Shell.run(
        ["sh", "-c", "umask 0; CONTRAIL_CONF=\(conf) \(Programs.contrailctl()) apply -f \(manifest)"],
        in: node.namespace)
      let pod = try node.makePod(in: "default")
      let child = try Child(
        ["/bin/sh", "-c", "umask 0; exec \(Programs.plugin())"], environment: node.environment("ADD", pod),
        input: .text(
          configuration.setting(
            "runtimeConfig",
            [
              "io.kubernetes.cri.pod-annotations": ["k8s.v1.cni.cncf.io/networks": "n1"]
            ]
          ).text()), in: node.namespace)
      let outcome = child.finish()
      #expect(outcome.succeeded, "\(outcome)")
      let list = try Shell.run([
        "find", node.runDirectory, node.stateDirectory, "\(node.directory)/log", "-fstype", "nsfs", "-prune", "-o",
        "-printf", "%y %m %p\n",
      ]).lines
      #expect(list.count > 8)
      for line in list {
        let isRight = line.hasPrefix("d 700 ") || line.hasPrefix("f 600 ") || line.hasSuffix("/netns/default.n1")
        #expect(isRight, "\(line)")
      }
    }
  }

  /// Something planted where the plugin has its files, by somebody who could write there: what it leads to is not written
  /// to, not removed and not unmounted, and nobody waits for it.
  static let places = ["attachments.db", "attachments.db-journal", "locks/store", "locks/container-X", "netns/lab.n1"]
  static let plants = ["ln -s TARGET PLACE", "ln TARGET PLACE", "mkfifo PLACE", "mkdir PLACE", "ln -s MOUNT PLACE"]

  @Test("Links and pipes planted in the run directory", arguments: places, plants)
  func planted(_ place: String, _ plant: String) throws {
    try withNode { node in
      try node.apply(labNamespace, definition("n1", ["ipamV4Subnet": "172.16.1.0/24"]))
      var pod = try node.makePod()
      pod.container = "X"
      let (target, mount) = ("\(node.directory)/target", "\(node.directory)/mount")
      try writeFile(target, "kept")
      let path = "\(node.runDirectory)/\(place)"
      try Shell.run(["sh", "-c", "mkdir -p -m 700 \(node.runDirectory)/locks \(node.runDirectory)/netns \(mount)"])
      try Shell.run(["mount", "-t", "tmpfs", "none", mount])
      try writeFile("\(mount)/file", "mounted")
      let command = plant.replacing("TARGET", with: target).replacing("PLACE", with: path).replacing(
        "MOUNT", with: mount)
      try Shell.run(["sh", "-c", command])
      let configuration = node.configuration(networks: "n1").setting("contrail.lock-timeout", 5)
      let child = try node.start(node.environment("ADD", pod), .text(configuration.text()))
      let add = child.finish(deadline: 30)
      #expect(add.ending == .exited(0) || add.ending == .exited(1), "\(add)")
      _ = try node.start(node.environment("DEL", pod), .text(configuration.text())).finish(deadline: 30)
      #expect(try readFile(target) == "kept")
      #expect(try readFile("\(mount)/file") == "mounted")
      // A hard link's mode is the target's: neither is changed.
      #expect(try Shell.run(["stat", "-c", "%a", target]).lines == ["644"])
    }
  }

  @Test("Links and pipes planted in the state directory", arguments: ["objects.db", "objects.lock"], plants.prefix(3))
  func plantedDefinitions(_ place: String, _ plant: String) throws {
    try withNode { node in
      let target = "\(node.directory)/target"
      try writeFile(target, "kept")
      let command = plant.replacing("TARGET", with: target).replacing("PLACE", with: "\(node.stateDirectory)/\(place)")
      try Shell.run(["sh", "-c", command])
      _ = try node.contrailctl("apply", "-f", "-", input: labNamespace.text())
      let add = try node.start(node.environment("ADD", try node.makePod()), .text(node.configuration().text()))
        .finish(deadline: 30)
      #expect(add.ending == .exited(0) || add.ending == .exited(1), "\(add)")
      #expect(try readFile(target) == "kept")
    }
  }

  // MARK: Tables that a pod could fill

  @Test(
    "A bridge that learns does not learn without end; one that is told learns nothing",
    arguments: ["disable", "enable"])
  func forwardingTable(_ rpf: String) throws {
    try withNode { node in
      try node.apply(
        labNamespace,
        definition("n1", ["ipamV4Subnet": "172.16.1.0/24", "virtualNetworkProperties": ["rpf": .string(rpf)]]))
      let pod = try node.makePod()
      try node.add(pod, node.configuration(networks: "n1"))
      try node.settle()
      let sender = try PacketSocket("eth1", in: pod.namespace)
      for number in 0..<20_000 {
        let mac: [UInt8] = [0x02, 1, 1, 1, UInt8(number >> 8), UInt8(number & 255)]
        try sender.send(
          Frame(
            destination: [255, 255, 255, 255, 255, 255], source: mac, etherType: 0x0800,
            payload: Packet.ipv4(from: octets("172.16.1.2"), to: octets("172.16.1.255"), Packet.udp([1]))))
      }
      func learnt() throws -> Int {
        try Shell.run(["bridge", "fdb", "show", "br", "contrail0"], in: node.instance("lab.n1")).lines
          .filter { $0.hasPrefix("02:01:01:01:") }.count
      }
      try Monotonic.wait { try rpf == "enable" || learnt() >= 16_000 }
      let count = try learnt()
      #expect(rpf == "enable" ? count == 0 : (16_000...16_384).contains(count), "\(count)")
    }
  }
}
