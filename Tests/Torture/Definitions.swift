import JSON

/// What is defined on the node: networks of every kind, connected in both ways, and alone.
enum Definitions {
  static let all: [JSONValue] =
    [namespace("lab"), namespace("tenant", isIsolated: true)] + Network.allCases.map { $0.manifest() } + [router("web")]

  /// A change that networks under running pods can see; applying ``all`` takes it back, but for what it adds.
  enum Change: CaseIterable {
    case partRouter, deleteRouter, partTarget, translate, add, unchecked, swap

    var manifests: [JSONValue] {
      switch self {
      case .partRouter: [router("none")]
      case .deleteRouter: []
      case .partTarget: [Network.red.manifest(["routeTargetList": ["target:1:2"]])]
      case .translate: [Network.green.manifest(["fabricSNAT": true])]
      case .add:
        [definition("extra", ["ipamV4Subnet": "172.16.7.0/24", "routeTargetList": ["target:1:1"]])]
      case .unchecked: [Network.far.manifest(["virtualNetworkProperties": ["forwardingMode": "l3", "rpf": "disable"]])]
      case .swap:
        [
          Network.red.manifest(["routeTargetList": ["target:1:3"]]),
          Network.far.manifest(["routeTargetList": ["target:1:3"]]), router("none"),
        ]
      }
    }
  }

  enum Network: String, CaseIterable {
    case red, blue, green, grey, far, flat

    func manifest(_ changes: JSONValue = [:]) -> JSONValue {
      let properties: JSONValue =
        switch self {
        case .red: ["ipamV4Subnet": "172.16.1.0/24", "routeTargetList": ["target:1:1"]]
        case .blue:
          ["ipamV4Subnet": "172.16.2.0/24", "ipamV6Subnet": "fd00:2::/64", "routeTargetList": ["target:1:1"]]
        case .green: ["ipamV4Subnet": "172.16.3.0/24"]
        case .grey: ["ipamV4Subnet": "172.16.4.0/24", "ipamV6Subnet": "fd00:4::/64"]
        case .far:
          [
            "ipamV4Subnet": "172.16.5.0/24", "fabricSNAT": true,
            "virtualNetworkProperties": ["forwardingMode": "l3", "rpf": "enable"],
          ]
        case .flat: ["ipamV4Subnet": "172.16.6.0/24", "virtualNetworkProperties": ["forwardingMode": "l2"]]
        }
      var merged = properties
      for member in changes.object?.members ?? [] { merged = merged.adding(member.key, member.value) }
      return definition(rawValue, merged, tier: self == .green || self == .grey ? "web" : "")
    }
  }

  /// What a pod may ask for in `red`: an address that moves, a prefix that several have, one from outside.
  static let pairs: [JSONValue] = [
    ["ip": "172.16.1.200"], ["ip": "172.16.1.224/28", "addressMode": "active-active"],
    ["ip": "192.168.50.0/24", "addressMode": "active-active"],
  ]

  /// An element of the pod's annotation.
  static func selection(_ network: Network, pairs: [JSONValue] = []) -> JSONValue {
    let selection: JSONValue = ["name": .string(network.rawValue), "namespace": "lab"]
    if pairs.isEmpty { return selection }
    return selection.adding("cni-args", ["net.juniper.contrail.allowedAddressPairs": .array(pairs)])
  }

  private static func namespace(_ name: String, isIsolated: Bool = false) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": [
        "name": .string(name), "annotations": ["opencontrail.org/isolation": .string(isIsolated ? "true" : "false")],
      ],
    ]
  }

  private static func router(_ tier: String) -> JSONValue {
    [
      "apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "VirtualNetworkRouter",
      "metadata": ["name": "web", "namespace": "lab"],
      "spec": ["type": "mesh", "virtualNetworkSelector": ["matchLabels": ["tier": .string(tier)]]],
    ]
  }

  private static func definition(_ name: String, _ properties: JSONValue, tier: String = "") -> JSONValue {
    [
      "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
      "metadata": [
        "name": .string(name), "namespace": "lab", "labels": ["tier": .string(tier)],
        "annotations": ["juniper.net/networks": .string(properties.text())],
      ],
      "spec": ["config": .string(#"{"cniVersion": "1.0.0", "name": "\#(name)", "type": "contrail-k8s-cni"}"#)],
    ]
  }
}
