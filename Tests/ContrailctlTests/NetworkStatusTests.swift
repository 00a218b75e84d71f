import Testing

@testable import contrailctl

/// The status of the pod that the walk-through describes, byte for byte.
@Test func networkStatus() throws {
  let site = try Site()
  try site.attach(
    "vn1-pod",
    [
      site.defaultInterface("10.244.0.5"),
      .init(
        name: "eth1", network: "default/vn1", address: "172.16.10.2/24", gateway: "172.16.10.1",
        subnet: "default/vn1-v4"),
    ])
  let status = """
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
  #expect(try site.run("get network-status vn1-pod").output == status)
}
