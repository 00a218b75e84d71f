import NetworkAttachments
import Testing

@testable import contrailctl

/// The option before the variable, the variable before the first file of our type where runtimes look.
@Test func configurations() throws {
  let site = try Site()
  func conf(_ name: String, _ cluster: String) -> String {
    #"{"name": "\#(name)", "plugins": [{"type": "bridge"}, {"type": "contrail-k8s-cni", "contrail": {"cluster-name": "\#(cluster)"}}]}"#
  }
  let directory = site.directory + "/net.d"
  #expect(makeDirectory(directory))
  let none = try findConfiguration(nil, variable: { _ in nil }, directory: directory)
  #expect(none == nil)
  _ = try site.file("net.d/00.conflist", #"{"name": "other", "plugins": [{"type": "bridge"}]}"#)
  _ = try site.file("net.d/05.conf", "not JSON")
  _ = try site.file("net.d/10.conf", #"{"name": "c", "type": "contrail-k8s-cni"}"#)
  _ = try site.file("net.d/20.conflist", conf("c", "second"))
  _ = try site.file("net.d/05.bak", conf("c", "backup"))
  let first = try findConfiguration(nil, variable: { _ in nil }, directory: directory)
  #expect(first?.clusterName == "k8s")
  let byVariable = try site.file("v.conf", conf("c", "variable"))
  let byOption = try site.file("o.conf", conf("c", "option"))
  let variable = { (name: String) in name == "CONTRAIL_CONF" ? byVariable : nil }
  #expect(try findConfiguration(nil, variable: variable, directory: directory)?.clusterName == "variable")
  #expect(try findConfiguration(byOption, variable: variable, directory: directory)?.clusterName == "option")
}

@Test(arguments: [
  (#"{"plugins": []}"#, "no plugin of the type contrail-k8s-cni in this configuration"), ("x", "line 1, column 1"),
  (
    #"{"type": "contrail-k8s-cni", "contrail": {"cluster-name": ""}}"#,
    "contrail.cluster-name: \"\" is not valid; expected 1 to 63 letters"
  ),
])
func badConfigurations(_ text: String, _ message: String) throws {
  let site = try Site()
  let path = try site.file("c.conf", text)
  let error = #expect(throws: Failure.self) { try findConfiguration(path, variable: { _ in nil }) }
  #expect(error?.description.hasPrefix("error: \(path): \(message)") == true, "\(error?.description ?? "")")
}

@Test func missingConfiguration() {
  let error = #expect(throws: Failure.self) { try findConfiguration("/nowhere", variable: { _ in nil }) }
  #expect(error?.description == "error: /nowhere: No such file or directory")
}
