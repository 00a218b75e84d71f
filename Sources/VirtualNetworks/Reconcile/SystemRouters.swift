internal import JSON

/// One of the four routers that every cluster has.
struct SystemRouter {
  let namespace: String
  let name: String
  /// The value of the label by which other routers import this one.
  let label: String
  let description: String
  let type: String
  /// The networks that it connects.
  let networks: [String]
  /// The labels of the routers that it imports, and of their namespaces; none without.
  let imports: (router: String, namespaces: JSONObject)?
  /// The numbers of its automatic route targets.
  let targets: [Int64]

  var spec: JSONObject {
    var spec: JSONObject = [
      "fqName": fqName("default-domain", namespace, name), "type": .string(type),
      "virtualNetworkSelector": .object(selector),
    ]
    if let imports {
      let imported: JSONObject = [
        "namespaceSelector": ["matchLabels": .object(imports.namespaces)],
        "virtualNetworkRouterSelector": [
          "matchLabels": .object([SystemKey.virtualNetworkRouter: .string(imports.router)])
        ],
      ]
      spec["import"] = ["virtualNetworkRouters": .array([.object(imported)])]
    }
    return spec
  }

  private var selector: JSONObject {
    if networks.count == 1 {
      return ["matchLabels": .object([SystemKey.virtualNetwork: .string(networks[0])])]
    }
    let expression: JSONObject = [
      "key": .string(SystemKey.virtualNetwork), "operator": "In", "values": .array(networks.map { .string($0) }),
    ]
    return ["matchExpressions": .array([.object(expression)])]
  }
}

func systemRouters(_ settings: ClusterSettings) -> [SystemRouter] {
  let cluster: JSONObject = [SystemKey.clusterName: .string(settings.clusterName)]
  let isolated = cluster.adding(["core.juniper.net/isolated-namespace": "true"])
  let first = NumberSpace.routeTarget.systemFirst + 4
  return [
    SystemRouter(
      namespace: contrailNamespace, name: "DefaultIPFabricNetwork", label: "default-ip-fabric-network",
      description: "Enables connectivity between IP Fabric virtualnetwork and Pod and Service virtualnetworks",
      type: "hub", networks: ["ip-fabric"],
      imports: ("default-pod-service-ip-fabric-network", cluster), targets: [first, first + 1]),
    SystemRouter(
      namespace: settings.namespace, name: "DefaultPodServiceNetwork", label: "default-pod-service-network",
      description: "Enables connectivity between Default Pod virtualnetwork and Default Service virtualnetwork",
      type: "mesh", networks: ["default-podnetwork", "default-servicenetwork"], imports: nil, targets: [first + 2]),
    SystemRouter(
      namespace: settings.namespace, name: "DefaultPodServiceIPFabricNetwork",
      label: "default-pod-service-ip-fabric-network",
      description: "Enables connectivity between Default Pod and Service virtualnetworks and IP Fabric virtualnetwork",
      type: "spoke", networks: ["default-podnetwork", "default-servicenetwork"],
      imports: ("default-ip-fabric-network", cluster), targets: []),
    SystemRouter(
      namespace: settings.namespace, name: "DefaultServiceNetwork", label: "default-service-network",
      description:
        "Enables connectivity between Default Service virtualnetwork and Pod virtualnetwork of isolated-namespace",
      type: "hub", networks: ["default-servicenetwork"],
      imports: ("isolated-namespace-pod-to-default-service-network", isolated), targets: [first + 3, first + 4]),
  ]
}
