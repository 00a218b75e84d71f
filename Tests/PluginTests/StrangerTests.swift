import Glibc
import JSON
import NodeHarness
import Testing

/// The first minutes of somebody who does not know the project: what is missing is named, with what mends it, before anything
/// else is done.
@Suite struct StrangerTests {
  /// Some kernels are told to have none, and none is given to who has changed its root directory.
  private static let hasUserNamespaces = (try? run("true", wrapper: ["/usr/bin/unshare", "--user"]).succeeded) == true

  /// Runs a shell line at the repository's root, as the user that owns nothing, or with things hidden in a mount namespace.
  private static func run(_ line: String, wrapper: [String] = []) throws -> Outcome {
    try Child(
      wrapper + ["/bin/sh", "-c", "cd '\(Programs.repository)' && " + line],
      environment: Shell.environment.merging(["HOME": "/proc/nonexistent"]) { $1 }, in: nil
    ).finish()
  }

  @Test(
    "Not root: at once, and with the command that works", .enabled(if: hasUserNamespaces, "no user namespaces here"),
    arguments: [
      "demo", "playground", "test", "check", "check-docs", "torture", "bench", "integration", "check-packages",
    ])
  func notRoot(_ target: String) throws {
    let outcome = try Self.run(
      "make \(target)", wrapper: ["/usr/bin/unshare", "--user", "--map-user=1000", "--map-group=1000"])
    #expect(!outcome.succeeded && outcome.standardError.contains("sudo make \(target)"), "\(outcome)")
    #expect(outcome.standardOutput.isEmpty, "nothing was done first: \(outcome)")
  }

  @Test(
    "No toolchain: where to get it", arguments: ["scripts/build", "scripts/test", "scripts/lint", "scripts/man"])
  func noToolchain(_ script: String) throws {
    let hide = "for d in /opt /usr/libexec/swift; do [ ! -d $d ] || mount -t tmpfs none $d; done"
    let outcome = try Self.run(
      "\(hide); \(script)", wrapper: ["/usr/bin/unshare", "--mount", "--propagation", "slave"])
    #expect(outcome.ending == .exited(1) && outcome.standardError.contains("swift.org"), "\(outcome)")
  }

  /// The list of installed packages is a program's that leaves one out.
  @Test(
    "No libjson-c, and not root: the package, what it is for, and the command that installs it",
    .enabled(if: hasUserNamespaces, "no user namespaces here"))
  func noLibrary() throws {
    let fake = """
      directory=$(mktemp -d); trap 'rm -r $directory' EXIT; chmod 755 $directory
      printf '#!/bin/sh\\n/usr/bin/dpkg-query "$@" | grep -v libjson-c-dev\\n' >$directory/dpkg-query
      chmod 755 $directory/dpkg-query
      PATH=$directory:$PATH unshare --user --map-user=1000 scripts/bootstrap build
      """
    let outcome = try Self.run(fake)
    #expect(outcome.ending == .exited(1), "\(outcome)")
    #expect(outcome.standardOutput.contains("libjson-c-dev") && outcome.standardOutput.contains("JSON"), "\(outcome)")
    #expect(outcome.standardError.contains("apt-get install -y --no-install-recommends libjson-c-dev"), "\(outcome)")
  }

  @Test(
    "The plugin without a runtime says what it is, its version and the specification's", arguments: [[], ["--help"]])
  func byHand(_ arguments: [String]) throws {
    let outcome = try Child([Programs.plugin()] + arguments, environment: [:], input: .closed, in: nil).finish()
    #expect(outcome.succeeded && outcome.standardOutput.isEmpty, "\(outcome)")
    #expect(outcome.standardError.contains("CNI plugin") && outcome.standardError.contains("1.1.0"), "\(outcome)")
  }

  /// As kernels answer that have no nf_tables, and as old ones name themselves.
  @Test(
    "A kernel that lacks something is told from one that is too old",
    arguments: [
      ("EPROTONOSUPPORT", [], "nf_tables"), ("EINVAL", ["/usr/bin/setarch", "--uname-2.6"], "5.14 or later"),
    ])
  func kernel(_ error: String, _ wrapper: [String], _ remedy: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      try expectUnchanged(node) {
        // The third socket is the first one to the kernel's networks.
        let fault = ["/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "inject=socket:error=\(error):when=3+"]
        let outcome = try node.start(
          node.environment("ADD", pod), .text(node.configuration().text()), wrapper: wrapper + fault
        ).finish()
        let details = expectError(103, outcome)?["details"]?.string ?? ""
        #expect(details.contains(remedy), "\(outcome)")
      }
    }
  }

  @Test(
    "contrailctl where only root may read says so", arguments: [["get", "vn"], ["get", "vmi"], ["apply", "-f", "-"]])
  func rightsOfContrailctl(_ arguments: [String]) throws {
    try withNode { node in
      try node.apply(labNamespace)
      for directory in [node.stateDirectory, node.runDirectory] { chmod(directory, 0o700) }
      let wrapper = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
      // A copy: the built one may be where nobody else may look.
      let copy = "\(node.directory)/contrailctl"
      try Shell.run(["cp", Programs.contrailctl(), copy])
      let places = ["--state-dir", node.stateDirectory, "--run-dir", node.runDirectory]
      let outcome = try Child(
        wrapper + [copy] + arguments + places, environment: Shell.environment,
        input: .text("{apiVersion: v1, kind: Namespace, metadata: {name: a}}"), in: node.namespace
      ).finish()
      #expect(outcome.ending == .exited(1), "\(outcome)")
      #expect(outcome.standardError.contains("run contrailctl as root"), "\(outcome)")
    }
  }

  /// A release is one version everywhere: scripts/release compares it with a tag.
  @Test("Plugin, contrailctl, CHANGELOG.md and the manifest of Kubernetes nodes say one version")
  func oneVersion() throws {
    let about = try Child([Programs.plugin()], environment: [:], input: .closed, in: nil).finish().standardError
    let version = String(about.split(separator: " ")[1].dropLast())
    #expect(try Shell.run([Programs.contrailctl(), "version"]) == "Client Version: v\(version)\n")
    #expect(try Shell.run([Programs.contrailctl(), "--version"]) == "\(version)\n")
    let changes = try readFile("\(Programs.repository)/CHANGELOG.md")
    #expect(changes.split(separator: "\n").first { $0.hasPrefix("## ") } == "## \(version)")
    let manifest = try readFile("\(Programs.repository)/packaging/kubernetes/contrail-k8s-cni.yaml")
    let images = manifest.split(separator: "\n").filter { $0.contains("image:") }
    #expect(!images.isEmpty && images.allSatisfy { $0.hasSuffix("contrail-k8s-cni:\(version)") })
  }
}
