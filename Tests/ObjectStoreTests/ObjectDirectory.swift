import Glibc
import JSON
import NetworkAttachments
import ObjectStore
import Testing
import VirtualNetworks

let plain = #"{"ipamV4Subnet": "172.16.10.0/24"}"#

func definition(_ name: String, _ networks: String) -> APIObject {
  APIObject(
    .networkAttachmentDefinition,
    ObjectMetadata(name: name, namespace: "default", annotations: ["juniper.net/networks": networks]),
    spec: ["config": #"{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}"#])
}

/// A state directory of its own, removed in the end.
final class ObjectDirectory {
  let path: String
  private let parent: String
  let settings: ClusterSettings

  init() throws {
    var template = Array("/tmp/contrail-objects-XXXXXX".utf8CString)
    parent = try #require(mkdtemp(&template).map { String(cString: $0) })
    path = parent + "/state"
    settings = try ClusterSettings(ContrailConfiguration())
  }

  deinit {
    for name in ["objects.db", "objects.db-journal", "objects.lock"] { remove("\(path)/\(name)") }
    for directory in [path, parent] { remove(directory) }
  }

  var database: ObjectDatabase { ObjectDatabase(stateDirectory: path, note: "test") }
  var definitions: DefinitionStore { DefinitionStore(stateDirectory: path) }

  @discardableResult
  func apply(_ manifests: APIObject...) throws -> [ChangePlan] {
    try database.change(settings) { transaction in
      try manifests.map { try transaction.apply($0, settings, use: NoNetworkUse()) }
    }
  }

  @discardableResult
  func delete(_ kind: Kind, _ name: String) throws -> ChangePlan {
    try database.change(settings) { transaction in
      try transaction.delete(ObjectKey(kind, namespace: "default", name), settings, use: NoNetworkUse())
    }
  }

  func vni(_ name: String) throws -> UInt32? {
    try definitions.read { try $0.virtualNetwork(namespace: "default", name: name)?.vni }
  }
}
