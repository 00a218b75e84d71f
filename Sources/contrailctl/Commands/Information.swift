internal import ArgumentParser
internal import ObjectPrinting
internal import PluginVerbs
internal import VirtualNetworks

/// Of this tool and of the plugin.
let version = Plugin.version

struct APIResources: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api-resources", abstract: "List the kinds of objects.",
    discussion: """
      Examples:
        contrailctl api-resources
        contrailctl api-resources | grep juniper
      """)

  @Flag(help: "Without the line of headings.")
  var noHeaders = false

  func run() { Console.standard().write(table(of: ResourceKind.all, showsHeader: !noHeaders)) }
}

struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the version of this tool.",
    discussion: """
      Examples:
        contrailctl version
      """)

  func run() { Console.standard().line("Client Version: v\(version)") }
}

struct Completion: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the script by which a shell completes this tool's commands.",
    discussion: """
      Examples:
        source <(contrailctl completion bash)
        contrailctl completion zsh > "${fpath[1]}/_contrailctl"
        contrailctl completion fish > ~/.config/fish/completions/contrailctl.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash
    case zsh
    case fish
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Console.standard().line(Contrailctl.completionScript(for: kind))
  }
}
