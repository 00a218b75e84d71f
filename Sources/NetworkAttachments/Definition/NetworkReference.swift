/// The name of a network of ours: `namespace/name`.
public struct NetworkName: Hashable, Sendable, CustomStringConvertible {
  /// The namespace it is in; `<cluster-name>-contrail` for the cluster's own networks.
  public let namespace: String
  /// Its name there.
  public let name: String

  /// The network of this name.
  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// The network of pods that ask for no other: `<cluster-name>-contrail/default-podnetwork`.
  public static func defaultPodNetwork(clusterName: String) -> NetworkName {
    NetworkName(namespace: clusterName + "-contrail", name: "default-podnetwork")
  }

  /// The network of service addresses: `<cluster-name>-contrail/default-servicenetwork`.
  public static func defaultServiceNetwork(clusterName: String) -> NetworkName {
    NetworkName(namespace: clusterName + "-contrail", name: "default-servicenetwork")
  }

  /// The pod network of an isolated namespace: `<namespace>/default-podnetwork`.
  public static func podNetwork(ofIsolated namespace: String) -> NetworkName {
    NetworkName(namespace: namespace, name: "default-podnetwork")
  }

  /// The service network of an isolated namespace: `<namespace>/default-servicenetwork`.
  public static func serviceNetwork(ofIsolated namespace: String) -> NetworkName {
    NetworkName(namespace: namespace, name: "default-servicenetwork")
  }

  /// `namespace/name`
  public var description: String { "\(namespace)/\(name)" }
}

/// A network as a manifest names it.
public enum NetworkReference: Hashable, Sendable {
  /// `[namespace/]name`: without a namespace, that of the object which says so.
  case named(String, namespace: String?)
  /// `domain:project:name`, Contrail's fully qualified name: the project is a namespace or `<cluster-name>-<namespace>`.
  case qualified(domain: String, project: String, name: String)

  /// `[namespace/]name` or `domain:project:name`; `nil` for anything else.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      self.init(name: text)
      return
    }
    guard let namespace = namespaceName(String(parts[0]) ?? ""), let name = networkName(String(parts[1]) ?? "") else {
      return nil
    }
    self = .named(name, namespace: namespace)
  }

  /// `name` or `domain:project:name`; `nil` for anything else.
  init?(name text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { String($0) ?? "" }
    if parts.count == 3 {
      self.init(domain: parts[0], project: parts[1], name: parts[2])
    } else if let name = networkName(text) {
      self = .named(name, namespace: nil)
    } else {
      return nil
    }
  }

  /// The fully qualified name; `nil` where a part is no name.
  init?(domain: String, project: String, name: String) {
    guard let domain = namespaceName(domain), let project = namespaceName(project), let name = qualifiedName(name)
    else { return nil }
    self = .qualified(domain: domain, project: project, name: name)
  }
}

extension NetworkReference: CustomStringConvertible {
  /// As it was written.
  public var description: String {
    switch self {
    case .named(let name, nil): name
    case .named(let name, let namespace?): "\(namespace)/\(name)"
    case .qualified(let domain, let project, let name): "\(domain):\(project):\(name)"
    }
  }
}
