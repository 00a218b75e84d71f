import JSON
import NetworkAddresses
import NetworkAttachments
import Testing

/// The annotation is laid out as CN2 prints it, byte for byte: scripts cut it by its lines.
@Suite struct NetworkStatusTests {
  /// The text of CN2's documentation, without the sixteen columns by which `kubectl describe` indents it.
  static let walkThrough = """
    [{
        "name": "contrail-k8s-kubemanager-mk-contrail/default-podnetwork",
        "interface": "eth0",
        "ips": [
            "10.244.0.5"
        ],
        "mac": "02:11:8e:c0:2f:e0",
        "default": true,
        "dns": {}
    },{
        "name": "default/vn1",
        "interface": "eth1",
        "ips": [
            "172.16.10.2"
        ],
        "mac": "02:21:0f:f6:47:fc",
        "dns": {}
    }]
    """

  static func address(_ text: String) -> IPAddress { IPAddress(text)! }

  static let statuses = [
    NetworkStatus(
      name: .defaultPodNetwork(clusterName: "contrail-k8s-kubemanager-mk"), interface: "eth0",
      ips: [address("10.244.0.5")], mac: MACAddress("02:11:8e:c0:2f:e0"), isDefault: true),
    NetworkStatus(
      name: NetworkName(namespace: "default", name: "vn1"), interface: "eth1", ips: [address("172.16.10.2")],
      mac: MACAddress("02:21:0f:f6:47:fc")),
  ]

  @Test func walkThrough() {
    #expect(NetworkStatus.annotation(Self.statuses) == Self.walkThrough)
  }

  /// The text says what the value says.
  @Test func value() throws {
    #expect(try JSONValue(parsing: Self.walkThrough) == NetworkStatus.json(Self.statuses))
  }

  /// What CN2 does not show follows what it does, at deeper levels indented alike.
  @Test func everything() {
    let status = NetworkStatus(
      name: .podNetwork(ofIsolated: "blue"), interface: "eth0",
      ips: [Self.address("10.0.0.2"), Self.address("fd00::2")], mac: nil, isDefault: true,
      dns: .init(nameservers: ["10.96.0.10"], domain: "a b", search: ["x", "y"], options: ["ndots:5"]),
      gateways: [Self.address("10.0.0.1")], mtu: 1450)
    #expect(
      NetworkStatus.annotation([status]) == """
        [{
            "name": "blue/default-podnetwork",
            "interface": "eth0",
            "ips": [
                "10.0.0.2",
                "fd00::2"
            ],
            "default": true,
            "dns": {
                "nameservers": [
                    "10.96.0.10"
                ],
                "domain": "a b",
                "search": [
                    "x",
                    "y"
                ],
                "options": [
                    "ndots:5"
                ]
            },
            "gateway": [
                "10.0.0.1"
            ],
            "mtu": 1450
        }]
        """)
  }

  @Test func nothing() {
    #expect(NetworkStatus.annotation([]) == "[]")
    let bare = NetworkStatus(name: NetworkName(namespace: "n", name: "v"), interface: "x", ips: [], mac: nil)
    #expect(
      NetworkStatus.annotation([bare]) == """
        [{
            "name": "n/v",
            "interface": "x",
            "dns": {}
        }]
        """)
  }
}
