import JSON
import Testing
import VirtualNetworks

/// Reading manifests: what is wrong is named by kind, name, field and reason.
struct ManifestTests {
  @Test(arguments: [
    (#"[]"#, "an object"), (#"{"kind": "Pod"}"#, "apiVersion: Required value"),
    (#"{"apiVersion": "v1"}"#, "kind: Required value"),
    (
      #"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}}"#,
      #"no matches for kind "NetworkPolicy" in version "networking.k8s.io/v1""#
    ),
    (#"{"apiVersion": "v1", "kind": "Pod", "metadata": {}}"#, "metadata.name: Required value"),
    (
      #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"a": true}}}"#,
      #"The Pod "p" is invalid: metadata.annotations[a]: Invalid value: true"#
    ),
    (#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": 1}"#, "spec: Invalid value: 1"),
  ]) func refused(text: String, hint: String) throws {
    let value = try JSONValue(parsing: text)
    let error = #expect(throws: ObjectError.self) { try APIObject(value) }
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }

  /// What is written can be read again.
  @Test func roundTrip() throws {
    let cluster = try Cluster()
    try cluster.apply(
      definition("vn1", #"{"ipamV4Subnet": "172.16.10.0/24", "importRouteTargetList": ["target:10.2.2.2:561"]}"#))
    for object in cluster.state.objects.values {
      #expect(try APIObject(JSONValue(parsing: JSONValue.object(object.json).text())) == object)
    }
  }

  /// A namespace is kept only for kinds that have one.
  @Test func scope() throws {
    let text = #"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "blue", "namespace": "default"}}"#
    #expect(try APIObject(JSONValue(parsing: text)).key == ObjectKey(.namespace, "blue"))
  }
}
