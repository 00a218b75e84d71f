internal import CNI
internal import Glibc
internal import JSON
internal import LinuxSystem
internal import NetworkAttachments
internal import VirtualNetworks

/// The plugin's own configuration: of the option, of the variable, or the first one where runtimes look.
///
/// - Returns: `nil` if nobody names one and there is none.
func findConfiguration(
  _ option: String?, variable: (String) -> String?, directory: String = "/etc/cni/net.d"
) throws -> ContrailConfiguration? {
  if let path = option ?? variable("CONTRAIL_CONF") {
    guard let configuration = try readConfiguration(path) else {
      throw Failure("\(path): no plugin of the type \(pluginType) in this configuration")
    }
    return configuration
  }
  guard isDirectory(directory) == true else { return nil }
  for name in try directoryEntries(directory) where [".conf", ".conflist", ".json"].contains(where: name.hasSuffix) {
    // Like a runtime: a file that is not JSON hides no other.
    if let found = try? JSONValue(parsing: readFile("\(directory)/\(name)", limit: sizeLimit)), isOurs(found) {
      return try readConfiguration("\(directory)/\(name)")
    }
  }
  return nil
}

private let pluginType = "contrail-k8s-cni"
private let sizeLimit = 1 << 20

private func isOurs(_ value: JSONValue) -> Bool { plugin(in: value) != nil }

/// Our plugin's object, alone or in a list of plugins.
private func plugin(in value: JSONValue) -> JSONObject? {
  guard let object = value.object else { return nil }
  if let plugins = object["plugins"]?.array {
    return plugins.compactMap(\.object).first { $0["type"]?.string == pluginType }
  }
  return object["type"]?.string == pluginType ? object : nil
}

private func readConfiguration(_ path: String) throws -> ContrailConfiguration? {
  do {
    guard let object = plugin(in: try JSONValue(parsing: readFile(path, limit: sizeLimit))) else { return nil }
    return try ContrailConfiguration(contrail: JSONField(object["contrail"], path: "contrail"))
  } catch let error as CNIError {
    throw Failure("\(path): \(error.message)" + (error.details.isEmpty ? "" : "; \(error.details)"))
  } catch {
    throw Failure("\(path): \(error)")
  }
}

/// The node's cluster, as options, variables and configuration say.
///
/// - Parameter console: is told when a command that changes objects finds no configuration to take the names from.
func openCluster(_ options: ConnectionOptions, changesObjects: Bool, _ console: Console) throws -> NodeCluster {
  let variable = { (name: String) -> String? in
    guard let text = unsafe getenv(name).map({ unsafe String(cString: $0) }), !text.isEmpty else { return nil }
    return text
  }
  let found = try findConfiguration(options.conf, variable: variable)
  var configuration = found ?? ContrailConfiguration()
  configuration.stateDirectory =
    options.stateDir ?? variable("CONTRAIL_STATE_DIR") ?? configuration.stateDirectory
  configuration.runDirectory = options.runDir ?? variable("CONTRAIL_RUN_DIR") ?? configuration.runDirectory
  if found == nil && changesObjects {
    console.warn(
      "no configuration of \(pluginType) found: the cluster is called \(configuration.clusterName), with default networks"
    )
  }
  let settings: ClusterSettings
  do {
    settings = try ClusterSettings(configuration)
  } catch {
    throw Failure("the configuration's \(error)")
  }
  return NodeCluster(settings, configuration, isConfigured: found != nil)
}

func currentSeconds() -> Int64 { Int64(wallClockNanoseconds() / 1_000_000_000) }
