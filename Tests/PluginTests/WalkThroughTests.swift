import Glibc
import Testing

/// The published walk-through of CN2, from the first command to the last: what kubectl printed there is what the demo prints,
/// with real pods, the built plugin and the built contrailctl.
///
/// The demo, its manifests and the expected session are changed alike by each variant's replacements, so that no line that is
/// compared can be a constant of the program. docs/differences-from-cn2.md lists what `Comparison` leaves out of account.
@Suite struct WalkThroughTests {
  @Test(arguments: WalkThroughVariant.all)
  func session(_ variant: WalkThroughVariant) throws {
    let demo = try Demo(variant)
    defer { demo.remove() }
    let outcome = try demo.run()
    try #require(outcome.succeeded && outcome.standardError.isEmpty, "\(outcome)")
    var played = Session(outcome.standardOutput).steps[...]
    let session = Session(try variant.adapted(Programs.fixture("cn2-walkthrough.txt")))
    #expect(session.steps.count == 44)
    for step in session.steps {
      let position = try #require(
        played.firstIndex { $0.command == step.command }, "not played, or not in this order: \(step.command)")
      let comparison = Comparison(step.command, isIdentical: variant.replacements.isEmpty)
      let actual = comparison.lines(played[position].output)
      #expect(actual == comparison.lines(step.output), "\(step.command)")
      played = played[(position + 1)...]
    }
    #expect(try variant.unused(in: [demo.script, demo.manifests, Programs.fixture("cn2-walkthrough.txt")]) == [])
  }

  /// Every way of going wrong ends the demo at that step, with a status other than 0.
  @Test(arguments: [
    ("says 10.244.0.5", "says 10.244.0.9", "the last output lacks: 10.244.0.9"),
    ("fails \"ip netns exec nginx", "fails \"true ", "this should have failed"),
    ("cni DEL \"$pod\"; done", "break; done", "FAILED in step 17"),
    ("contrailctl describe vr minikube", "contrailctl describe vr maxikube", "FAILED in step 12"),
  ])
  func demoFails(_ text: String, _ replacement: String, _ message: String) throws {
    let demo = try Demo(WalkThroughVariant("fails", [(text, replacement)]))
    defer { demo.remove() }
    let outcome = try demo.run()
    #expect(outcome.ending == .exited(1) && outcome.standardError.contains(message), "\(outcome)")
  }
}

/// The other parts of the demo: isolation, a router under running pods, an address that two pods share. They check every
/// step themselves.
@Test("The other demos", arguments: ["demo-connectivity", "demo-pairs"])
func demo(_ name: String) throws {
  var environment = Shell.environment
  environment["CONTRAIL_PLUGIN"] = try Programs.plugin()
  environment["CONTRAILCTL"] = try Programs.contrailctl()
  let outcome = try Child(["\(Programs.repository)/scripts/\(name)"], environment: environment, in: nil)
    .finish(deadline: 240)
  #expect(outcome.succeeded && outcome.standardOutput.hasSuffix("# demo: everything as it should be\n"), "\(outcome)")
}

/// A copy of scripts/demo and its manifests, with a variant's replacements.
private struct Demo {
  let directory: String
  let script: String
  let manifests: String

  init(_ variant: WalkThroughVariant) throws {
    var template = Array("/tmp/contrail-demo-XXXXXX".utf8CString)
    directory = String(cString: mkdtemp(&template))
    script = try readFile("\(Programs.repository)/scripts/demo")
    let names = ["examples/nad-demo.yaml", "examples/vn-pod.yaml"]
    for name in ["scripts", "examples"] { mkdir("\(directory)/\(name)", 0o755) }
    for name in names {
      try writeFile("\(directory)/\(name)", variant.adapted(readFile("\(Programs.repository)/\(name)")))
    }
    manifests = try names.map { try readFile("\(Programs.repository)/\($0)") }.joined()
    for name in ["cni-conf", "scripts/plugin-configuration", "scripts/pretty-json"] {
      symlink("\(Programs.repository)/\(name)", "\(directory)/\(name)")
    }
    try writeFile("\(directory)/scripts/demo", variant.adapted(script))
    chmod("\(directory)/scripts/demo", 0o755)
  }

  func run() throws -> Outcome {
    var environment = Shell.environment
    environment["CONTRAIL_PLUGIN"] = try Programs.plugin()
    environment["CONTRAILCTL"] = try Programs.contrailctl()
    return try Child(["\(directory)/scripts/demo"], environment: environment, in: nil)
      .finish(deadline: 240)
  }

  func remove() { _ = try? Shell.run(["rm", "-rf", directory]) }
}
