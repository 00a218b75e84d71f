import JSON
import NodeHarness
import Testing
import YAML

/// The manifest of Kubernetes nodes, without a cluster: it holds what the API knows and no other fields, its parts belong
/// together, and its paths are those of the installer, of the configuration and of runtimes. `make check-packages` runs its
/// containers.
@Suite struct NodeManifestTests {
  private let objects: [JSONValue]

  init() throws {
    let text = try readFile("\(Programs.repository)/packaging/kubernetes/contrail-k8s-cni.yaml")
    objects = try YAMLDocument.documents(in: Array(text.utf8)).map(\.value)
  }

  private func object(_ kind: String) throws -> JSONValue { try #require(objects.first { $0["kind"]?.string == kind }) }
  private func pod() throws -> JSONValue { try #require(try object("DaemonSet")["spec"]?["template"]?["spec"]) }

  private func container(_ list: String) throws -> JSONValue {
    let containers = try #require(try pod()[list]?.array)
    #expect(containers.count == 1)
    return containers[0]
  }

  /// Where a volume is in a container.
  private func mount(_ volume: String, in container: JSONValue) throws -> JSONValue {
    try #require(container["volumeMounts"]?.array?.first { $0["name"]?.string == volume }, "\(volume)")
  }

  private func hostPath(_ volume: String) throws -> String? {
    try pod()["volumes"]?.array?.first { $0["name"]?.string == volume }?["hostPath"]?["path"]?.string
  }

  private func value(of variable: String, in container: JSONValue) -> String? {
    container["env"]?.array?.first { $0["name"]?.string == variable }?["value"]?.string
  }

  /// The configuration in the ConfigMap, as the plugin gets it.
  private func configuration() throws -> JSONValue {
    let data = try #require(try object("ConfigMap")["data"]?.object?.members)
    #expect(data.map(\.key) == ["10-contrail.conflist"])
    let list = try JSONValue(parsing: Array((data[0].value.string ?? "").utf8))
    return try #require(list["plugins"]?.array?.first?["contrail"])
  }

  @Test("Two objects, of fields that the API knows, with values of their types")
  func fields() throws {
    #expect(objects.map { $0["kind"]?.string } == ["ConfigMap", "DaemonSet"])
    #expect(objects.map { $0["apiVersion"]?.string } == ["v1", "apps/v1"])
    #expect(APIShape.configMap.complaints(try object("ConfigMap"), at: "ConfigMap") == [])
    #expect(APIShape.daemonSet.complaints(try object("DaemonSet"), at: "DaemonSet") == [])
  }

  @Test("Names, labels and volumes lead to each other")
  func references() throws {
    let daemonSet = try object("DaemonSet")
    #expect(daemonSet["spec"]?["selector"]?["matchLabels"] == daemonSet["spec"]?["template"]?["metadata"]?["labels"])
    let volumes = try #require(try pod()["volumes"]?.array)
    let mounts = try ["initContainers", "containers"].flatMap { try container($0)["volumeMounts"]?.array ?? [] }
    #expect(Set(volumes.map { $0["name"]?.string }) == Set(mounts.map { $0["name"]?.string }))
    #expect(Set(volumes.map { $0["name"]?.string }).count == volumes.count)
    let configMap = volumes.compactMap { $0["configMap"]?["name"]?.string }
    #expect(configMap == [try object("ConfigMap")["metadata"]?["name"]?.string])
    #expect(try object("ConfigMap")["metadata"]?["namespace"] == daemonSet["metadata"]?["namespace"])
  }

  /// What the installer takes for the node's is the node's, at the same path below /host.
  @Test(
    "The installer's directories are the node's",
    arguments: [("bin", "HOST_BIN"), ("conf", "HOST_CONF"), ("keep", "HOST_KEEP")])
  func installer(_ volume: String, _ variable: String) throws {
    let script = try readFile("\(Programs.repository)/packaging/kubernetes/install-node")
    let install = try container("initContainers")
    let path = try #require(try mount(volume, in: install)["mountPath"]?.string)
    #expect(try hostPath(volume).map { "/host" + $0 } == path)
    #expect(script.contains("${\(variable):=\(path)}"))
    #expect(value(of: variable, in: install) == nil)
    #expect(try mount(volume, in: install)["readOnly"] == nil)
    let configuration = try #require(try mount("config", in: install)["mountPath"]?.string)
    #expect(value(of: "CONFIG", in: install) == configuration + "/10-contrail.conflist")
  }

  @Test("contrailctl has the plugin's directories at the plugin's paths, and sees what is mounted in them")
  func directories() throws {
    let contrailctl = try container("containers")
    for (volume, key) in [("state", "state-dir"), ("run", "run-dir")] {
      let path = try configuration()[key]?.string
      #expect(try hostPath(volume) == path && mount(volume, in: contrailctl)["mountPath"]?.string == path)
    }
    #expect(try mount("run", in: contrailctl)["mountPropagation"]?.string == "Bidirectional")
    #expect(contrailctl["securityContext"]?["privileged"]?.bool == true, "the API refuses Bidirectional without")
    // CRI-O's and containerd's.
    #expect(try hostPath("pods") == "/var/run/netns")
    #expect(try mount("pods", in: contrailctl)["mountPath"]?.string == "/var/run/netns")
    #expect(try mount("pods", in: contrailctl)["mountPropagation"]?.string == "HostToContainer")
    let directory = try #require(try mount("conf", in: contrailctl)["mountPath"]?.string)
    #expect(value(of: "CONTRAIL_CONF", in: contrailctl) == directory + "/10-contrail.conflist")
    #expect(try pod()["hostNetwork"]?.bool == true && pod()["hostPID"]?.bool == true)
  }
}
