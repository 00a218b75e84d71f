package import CNI
internal import JSON

extension ContrailConfiguration {
  /// Reads what removing needs (`run-dir`, `lock-timeout`, the log) and takes the defaults for the rest: what is wrong
  /// elsewhere in the configuration keeps nothing from being removed.
  package init(forCleanUp configuration: NetworkConfiguration) throws(CNIError) {
    let needed = ["run-dir", "lock-timeout", "log-file", "log-level"]
    let given = configuration.object["contrail"]?.object ?? [:]
    let pairs = given.members.filter { needed.contains($0.key) }.map { ($0.key, $0.value) }
    try self.init(contrail: JSONField(.object(JSONObject(pairs)), path: "contrail"))
  }
}
