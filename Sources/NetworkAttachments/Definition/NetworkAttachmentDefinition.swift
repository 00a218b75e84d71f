internal import CNI
package import JSON

/// A NetworkAttachmentDefinition (NPWG v1.3, section 3): the manifest, read as far as it tells what it is.
public struct NetworkAttachmentDefinition: Hashable, Sendable {
  /// Whether the definition is for this plugin.
  public enum Ownership: Hashable, Sendable {
    /// `spec.config` names it.
    case ours
    /// Another plugin's, or nobody's: what `spec.config` says instead.
    case foreign(reason: String)
  }

  /// The type of this plugin in a network configuration.
  public static let pluginType = "contrail-k8s-cni"
  /// The annotation with what became of the definition.
  public static let statusAnnotationKey = "juniper.net/networks-status"

  /// Its own name, which the virtual network gets.
  public let name: NetworkName
  /// Whether it is for this plugin.
  public let ownership: Ownership
  /// The `name` in `spec.config`, or else the definition's.
  public let configurationName: String
  package let annotations: JSONObject

  /// Reads a manifest as JSON.
  ///
  /// - Parameter namespace: where the manifest names none.
  /// - Throws: an error that says where the text is no JSON, or which key of it is wrong.
  public init(parsing manifest: String, namespace: String = "default") throws(ManifestError) {
    do {
      try self.init(manifest: JSONValue(parsing: manifest), namespace: namespace)
    } catch let error as JSONFieldError {
      throw ManifestError(description: error.description)
    } catch {
      throw ManifestError(description: "the manifest is not valid JSON: \(error)")
    }
  }

  /// Reads a manifest's `metadata` and `spec`.
  package init(manifest: JSONValue, namespace: String = "default") throws(JSONFieldError) {
    let document = JSONField(manifest)
    let metadata = try document.member("metadata")
    let nameField = try metadata.member("name")
    guard let name = try nameField.parsed(expected: networkNameRule, networkName) else {
      throw nameField.error(expected: networkNameRule)
    }
    let space = try metadata.member("namespace").optionalText(expected: namespaceRule, namespaceName)
    let annotations = try metadata.member("annotations")
    for annotation in try annotations.members() ?? [] where annotation.value?.string == nil {
      throw annotation.error(expected: "a string")
    }
    self.name = NetworkName(namespace: space ?? namespace, name: name)
    self.annotations = try annotations.object() ?? JSONObject()
    let configuration = Configuration(try document.member("spec").member("config"))
    ownership = configuration.ownership
    configurationName = configuration.name ?? name
  }
}

/// Why a text is no manifest.
public struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The place or key at fault, and what would be right.
  public let description: String
}

/// What `spec.config` says about plugin and name.
private struct Configuration {
  var ownership: NetworkAttachmentDefinition.Ownership
  var name: String?

  init(_ field: JSONField) {
    ownership = .foreign(reason: "spec.config is absent")
    guard let text = field.value?.string else {
      if !field.isAbsent { ownership = .foreign(reason: "spec.config is not a string") }
      return
    }
    let configuration: JSONValue
    do {
      configuration = try JSONValue(parsing: text, limit: JSONValue.configurationLimit)
    } catch {
      ownership = .foreign(reason: "spec.config is not valid JSON: \(error)")
      return
    }
    name = configuration.object?["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    let first = configuration.object?["plugins"]?.array?.first ?? configuration
    guard let type = first.object?["type"]?.string else {
      ownership = .foreign(reason: "spec.config has no type")
      return
    }
    ownership =
      type == NetworkAttachmentDefinition.pluginType ? .ours : .foreign(reason: "spec.config is for the plugin \(type)")
  }
}
