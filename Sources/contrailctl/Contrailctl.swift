internal import ArgumentParser
internal import CStartUp
internal import Glibc

/// The person's tool: kubectl's commands on the store that the plugin reads.
@main struct Contrailctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contrailctl",
    abstract: "Define Contrail's virtual networks on this node, and look at them and at the pods in them.",
    discussion: """
      The commands are those of kubectl, on the same manifests; no API server is needed. Networks that are applied are \
      stored below the state directory, where the plugin contrail-k8s-cni finds them.

      Examples:
        contrailctl apply -f nad.yaml
        contrailctl get net-attach-def,vn,subnet
        contrailctl describe vn vn1
        contrailctl get network-status vn1-pod
        contrailctl delete net-attach-def vn1
      """,
    version: version,
    subcommands: [
      Apply.self, Delete.self, Get.self, Describe.self, Explain.self, Topology.self, Trace.self,
      Doctor.self, Events.self, Metrics.self, APIResources.self, Completion.self,
      Version.self,
    ])

  /// The command that these words mean, if it is one about a cluster.
  static func clusterCommand(_ words: [String]) throws -> (any ClusterCommand)? {
    try parseAsRoot(words) as? any ClusterCommand
  }

  static func main() {
    // What is stored is for root alone.
    _ = umask(0o077)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let text = fullMessage(for: error)
      // Like kubectl: 1, whatever was wrong; help that was asked for is no failure.
      let isFailure = exitCode(for: error) != .success
      if !text.isEmpty { write(text + "\n", to: isFailure ? STDERR_FILENO : STDOUT_FILENO) }
      Glibc.exit(isFailure ? 1 : 0)
    }
  }
}
