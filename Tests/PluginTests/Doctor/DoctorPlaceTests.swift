import JSON
import Testing

/// Where doctor is asked: in which mount namespace, with which configuration.
@Suite struct DoctorPlaceTests {
  /// Who asked podman or the runtime in a mount namespace of its own made pins there. Doctor names a process there, and is right
  /// in its place.
  @Test("A pin of another mount namespace is explained; there, nothing is wrong")
  func foreignMount() throws {
    try DoctorTests.withLab { lab in
      let pin = lab.instance("n1").path
      // Of this node's pins only: other tests have theirs.
      let script = "mount --make-rprivate \(lab.node.runDirectory)/netns && exec sleep 600"
      let holder = try Child(
        ["/usr/bin/unshare", "--mount", "--propagation", "slave", "/bin/sh", "-c", script],
        environment: Shell.environment, in: lab.node.namespace)
      lab.node.onCleanup {
        holder.kill()
        _ = holder.finish()
      }
      #expect(Monotonic.wait { (try? readFile("/proc/\(holder.pid)/comm"))?.hasPrefix("sleep") == true })
      try Shell.run(["umount", pin])
      for arguments in [[], ["--fix"]] {
        let report = try DoctorTests.doctor(lab.node, arguments)
        let finding = try #require(report.finding("foreign-mount"), "\(report.outcome)")
        #expect(finding["problem"]?.string?.contains("\(pin) is pinned in the mount namespace of process") == true)
        #expect(finding["treatable"] == false && !report.kinds.contains("lost-namespace"), "\(report.outcome)")
        #expect(finding["remedy"]?.string == "nsenter --mount --target \(holder.pid) contrailctl doctor")
      }
      let there = try lab.node.startContrailctl(
        ["doctor"], wrapper: ["/usr/bin/nsenter", "--mount", "--target", "\(holder.pid)"]
      ).finish()
      #expect(there.succeeded && there.standardOutput.hasPrefix("Nothing is wrong;"), "\(there)")
    }
  }

  /// With a configuration that is not the plugin's the node's own network is not compared with anything, and nothing of it is
  /// taken for wrong, nor changed.
  @Test("A configuration that is not the plugin's is explained")
  func configuration() throws {
    try DoctorTests.withLab { lab in
      let path = "\(lab.node.directory)/other.conf"
      try writeFile(path, lab.node.configuration(contrail: "cluster-name", "other").text())
      let before = try Snapshot(of: lab.node)
      for arguments in [["--conf", path], ["--fix", "--conf", path]] {
        let report = try DoctorTests.doctor(lab.node, arguments)
        let finding = try #require(report.finding("configuration"), "\(report.outcome)")
        #expect(finding["problem"] == "the configuration is another one than the plugin's")
        #expect(finding["remedy"] == "contrailctl doctor --conf /etc/cni/net.d/FILE" && finding["treatable"] == false)
        #expect(report.kinds == ["configuration"] && report.fixed.isEmpty, "\(report.outcome)")
      }
      expectEqual(try Snapshot(of: lab.node), before)
      #expect(try DoctorTests.doctor(lab.node).problems == [])
    }
  }
}
