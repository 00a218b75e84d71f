internal import CNI
internal import JSON
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

/// What a call of the plugin prints, and its exit status.
package struct PluginOutput {
  package var standardOutput = ""
  package var standardError = ""
  package var status: Int32 = 0
  /// What a process that ends now need not give back: the kernel does it at once.
  package var unreleased: AnyObject?
}

/// The plugin as a function of its environment and standard input.
package enum Plugin {
  package static let name = "contrail-k8s-cni"

  /// - Parameters:
  ///   - variable: looks an environment variable up.
  ///   - input: reads standard input; not called where it is not needed.
  package static func run(
    variable: (String) -> String?, input: () throws -> [UInt8]
  ) -> PluginOutput {
    let started = monotonicNanoseconds()
    var stdin: [UInt8] = []
    do {
      guard let environment = try Environment(variable) else {
        return PluginOutput(standardError: aboutText(program: name, version: version) + "\n")
      }
      do { stdin = try input() } catch {
        if environment.verb != .version { throw CNIError(.ioFailure, "cannot read standard input: \(error)") }
      }
      if environment.verb == .version {
        return PluginOutput(standardOutput: versionReply(input: stdin).text() + "\n")
      }
      return try serve(environment, stdin, started: started)
    } catch {
      let error = CNIError(converting: error)
      let reply = error.json(version: replyVersion(input: stdin)).text(.pretty)
      return PluginOutput(standardOutput: reply + "\n", status: 1)
    }
  }

  private static func serve(_ environment: Environment, _ input: [UInt8], started: UInt64) throws -> PluginOutput {
    let network = try NetworkConfiguration(parsing: input)
    try network.version.require(environment.verb)
    let contrail = try configuration(network, for: environment.verb)
    let log = PluginLog(path: contrail.logFile, threshold: contrail.logLevel)
    let call = PluginCall(environment: environment, network: network, contrail: contrail, started: started)
    for warning in contrail.warnings { log.write(.warning, warning) }
    var output = PluginOutput()
    do {
      output = try dispatch(call, log)
      log.conclude(call, error: nil)
    } catch {
      log.conclude(call, error: CNIError(converting: error))
      throw error
    }
    if let complaint = log.complaint { output.standardError = complaint + "\n" }
    return output
  }

  /// DEL and GC must be able to remove what an ADD with a better configuration made, so they read only what they need.
  private static func configuration(_ network: NetworkConfiguration, for verb: Verb) throws -> ContrailConfiguration {
    switch verb {
    case .delete, .collectGarbage: try ContrailConfiguration(forCleanUp: network)
    default: try ContrailConfiguration(network)
    }
  }

  private static func dispatch(_ call: PluginCall, _ log: PluginLog) throws -> PluginOutput {
    if call.environment.verb == .status {
      do { try Node(for: call, log: log).status(call) } catch {
        let error = CNIError(converting: error)
        throw CNIError(.unavailable, error.message, error.details)
      }
      return PluginOutput()
    }
    let node = try Node(for: call, log: log)
    do { return try carryOut(call, on: node) } catch {
      node.noteFailure(of: call, CNIError(converting: error))
      throw error
    }
  }

  private static func carryOut(_ call: PluginCall, on node: Node) throws -> PluginOutput {
    var output = PluginOutput(unreleased: node)
    switch call.environment.verb {
    case .add: output.standardOutput = try node.add(call).json(version: call.network.version).text(.pretty) + "\n"
    case .delete: try node.delete(call)
    case .check: try node.check(call)
    case .collectGarbage: try node.collectGarbage(call)
    case .status, .version: break
    }
    return output
  }
}

extension Node {
  /// Records that a call failed, if the store is there and can be had: what was wrong with the call is told in any case.
  fileprivate func noteFailure(of call: PluginCall, _ error: CNIError) {
    // What is wrong with the store itself would only be said twice.
    guard error.code != .ioFailure, error.code != .storeUnusable, (try? FileStatus(path: store.path)) != nil else {
      return
    }
    do {
      try store.transaction(patience: 100_000_000) { transaction in try transaction.record(call.event(error)) }
    } catch {
      log.write(.warning, "cannot record the outcome", ["reason": "\(CNIError(converting: error))"])
    }
  }
}

extension PluginLog {
  /// The one line that every call leaves.
  func conclude(_ call: PluginCall, error: CNIError?) {
    let microseconds = (monotonicNanoseconds() - call.started) / 1000
    let pod = call.identity
    write(
      error == nil ? .info : .error, call.environment.verb.rawValue,
      [
        "container": call.containerID, "ifname": call.interfaceName,
        "pod": pod.name == nil ? "" : pod.description, "network": call.network.name,
        "networks": networks.joined(separator: ","),
        "microseconds": String(microseconds), "code": String(error?.code.rawValue ?? 0),
        "error": error?.message ?? "", "details": error?.details ?? "",
      ])
  }
}
