import Testing

/// The walk-through with other names and numbers: what is replaced in commands, manifests and expected outputs alike.
struct WalkThroughVariant: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var replacements: [(String, String)]

  init(_ name: String, _ replacements: [(String, String)]) {
    testDescription = name
    self.replacements = replacements
  }

  func adapted(_ text: String) -> String {
    replacements.reduce(text) { text, pair in text.replacing(pair.0, with: pair.1) }
  }

  /// The replacements that none of these texts needs: a line that nobody compares any more.
  func unused(in texts: [String]) -> [String] {
    var texts = texts
    return replacements.compactMap { pair in
      let isUsed = texts.contains { $0.contains(pair.0) }
      texts = texts.map { $0.replacing(pair.0, with: pair.1) }
      return isUsed ? nil : pair.0
    }
  }

  static let all = [
    WalkThroughVariant("as published", []),
    WalkThroughVariant(
      "other names, addresses and targets",
      [
        // In the published ones' order, and the first two as long: labels are cut off at 63 characters.
        ("contrail-k8s-kubemanager-mk", "another-c8s-of-other-people"), ("another-nginx", "another-httpd"),
        ("vn1", "west"), ("172.16.10.", "10.200.77."), ("10.244.", "10.77."), ("23:4561", "44:1234"),
        ("23-4561", "44-1234"), ("minikube", "node-7"), ("192.168.177.", "192.168.5."),
      ]),
    WalkThroughVariant("other counts", fewerPods + severalInterfaces),
    WalkThroughVariant("other numbers", anotherNetworkBefore),
    WalkThroughVariant("other properties", properties),
  ]

  /// Without the pod another-nginx.
  private static let fewerPods = [
    ("default/nginx default/another-nginx", "default/nginx"),
    ("another-nginx   9h      10.244.0.4   minikube\n", ""),
    (
      "contrail-k8s-kubemanager-mk-another-nginx-3e420ca1              container   /default/another-nginx                  Success   9h\n",
      ""
    ),
    (
      "contrail-k8s-kubemanager-mk   another-nginx-a2db2a41   default-podnetwork   another-nginx   eth0      Success   9h\n",
      ""
    ),
    (
      "contrail-k8s-kubemanager-mk-another-nginx-65f2e48a              10.244.0.4      contrail-k8s-kubemanager-mk-contrail/default-podnetwork       Success   9h\n",
      ""
    ),
    (
      "              back-reference.core.juniper.net/f20791429bbba720910cd0837a35c16ea97178da5f61555f01e4d88a=VirtualMachine_contrail-k8s-kubemanager-mk-another-nginx-3e420c\n",
      ""
    ),
    (
      """
          Fq Name:
            contrail-k8s-kubemanager-mk-another-nginx-3e420ca1
          Kind:              VirtualMachine
          Name:              contrail-k8s-kubemanager-mk-another-nginx-3e420ca1
          UID:               e6c76e3e-015d-41f1-824e-5f3fea21e7dc
          API Version:       core.contrail.juniper.net/v1alpha1

      """, ""
    ),
    ("10.244.0.5", "10.244.0.4"),
  ]

  /// vn1-pod twice in the network, which is smaller.
  private static let severalInterfaces = [
    ("networks: vn1\n", "networks: vn1, vn1@second\n"),
    ("default/vn1-pod (eth1)", "default/vn1-pod (eth1), default/vn1-pod (second)"),
    ("172.16.10.0/24", "172.16.10.0/26"),
    ("172.16.10.77/24", "172.16.10.50/26"), ("172.16.10.77", "172.16.10.50"), ("1.56%", "7.81%"),
    ("Ip Count:          4\n", "Ip Count:          5\n"),
    (
      """
                          "mac": "02:21:0f:f6:47:fc",
                          "dns": {}
                      }]

      """,
      """
                          "mac": "02:21:0f:f6:47:fc",
                          "dns": {}
                      },{
                          "name": "default/vn1",
                          "interface": "second",
                          "ips": [
                              "172.16.10.3"
                          ],
                          "mac": "02:21:0f:f6:47:fd",
                          "dns": {}
                      }]

      """
    ),
    (
      """
      237: eth1@if238: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default 
          link/ether 02:21:0f:f6:47:fc brd ff:ff:ff:ff:ff:ff link-netnsid 0
          inet 172.16.10.2/24 brd 172.16.10.255 scope global eth1
             valid_lft forever preferred_lft forever
          inet6 fe80::7c88:7aff:fec6:8425/64 scope link 
             valid_lft forever preferred_lft forever

      """,
      """
      237: eth1@if238: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default 
          link/ether 02:21:0f:f6:47:fc brd ff:ff:ff:ff:ff:ff link-netnsid 0
          inet 172.16.10.2/26 brd 172.16.10.63 scope global eth1
             valid_lft forever preferred_lft forever
          inet6 fe80::7c88:7aff:fec6:8425/64 scope link 
             valid_lft forever preferred_lft forever
      238: second@if239: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default 
          link/ether 02:21:0f:f6:47:fd brd ff:ff:ff:ff:ff:ff link-netnsid 0
          inet 172.16.10.3/26 brd 172.16.10.63 scope global second
             valid_lft forever preferred_lft forever
          inet6 fe80::7c88:7aff:fec6:8426/64 scope link 
             valid_lft forever preferred_lft forever

      """
    ),
    (
      "contrail-k8s-kubemanager-mk   vn1-pod-b03c1981         vn1                  vn1-pod         eth1      Success   6m41s\n",
      """
      contrail-k8s-kubemanager-mk   vn1-pod-b03c1981         vn1                  vn1-pod         eth1      Success   6m41s
      contrail-k8s-kubemanager-mk   vn1-pod-b03c1982         vn1                  vn1-pod         second    Success   6m41s

      """
    ),
    (
      "contrail-k8s-kubemanager-mk-vn1-pod-f7921747                    172.16.10.2     default/vn1                                                   Success   6m20s\n",
      """
      contrail-k8s-kubemanager-mk-vn1-pod-f7921747                    172.16.10.2     default/vn1                                                   Success   6m20s
      contrail-k8s-kubemanager-mk-vn1-pod-f7921748                    172.16.10.3     default/vn1                                                   Success   6m20s

      """
    ),
  ]

  /// A network that was made before, and is gone: the next one has another VNI and another route target.
  private static let anotherNetworkBefore = [
    (
      "run \"contrailctl apply -f examples/nad-demo.yaml\"",
      """
      sed 's/vn1/earlier/; s/172.16.10/172.16.9/; s/target:[0-9.]*/target:9/' examples/nad-demo.yaml | contrailctl apply -f - >/dev/null
      run "contrailctl apply -f examples/nad-demo.yaml"
      contrailctl delete net-attach-def earlier >/dev/null
      """
    ),
    ("8000009", "8000010"), ("vn1    5     v4", "vn1    6     v4"), ("/vn1   5     v4", "/vn1   6     v4"),
    ("Network Id:  5\n", "Network Id:  6\n"),
  ]

  /// Everything that a definition says of a network, and labels.
  private static let properties = [
    // A description cuts a line off after 140 characters, as kubectl's does.
    (
      #"{ "ipamV4Subnet": "172.16.10.0/24","#,
      #"{ "fabricSNAT": true, "virtualNetworkProperties": {"forwardingMode": "l3", "rpf": "disable"}, "ipamV4Gateway": "GATEWAY", "ipamV4Sub..."#
    ),
    (
      "juniper.net/networks: '{\n        \"ipamV4Subnet\"",
      """
      juniper.net/networks: '{
              "fabricSNAT": true, "virtualNetworkProperties": {"forwardingMode": "l3", "rpf": "disable"},
              "ipamV4Gateway": "GATEWAY", "ipamV4Subnet"
      """
    ),
    ("Fabric SNAT:  false", "Fabric SNAT:  true"), ("Forwarding Mode:  l2_l3", "Forwarding Mode:  l3"),
    ("Rpf:              enable", "Rpf:              disable"),
    // Nobody but the gateway is on the link.
    ("scope global eth1", "scope global noprefixroute eth1"),
    // An address that is not the pod's own may be sent from.
    ("fails \"ip netns exec vn1-pod", ": \"ip netns exec vn1-pod"),
    // The gateway is the last address, so the pod's is the first.
    ("172.16.10.255", "LAST"), ("172.16.10.1\n", "GATEWAY\n"), ("172.16.10.1;", "GATEWAY;"),
    ("172.16.10.1\"", "GATEWAY\""), ("172.16.10.2", "172.16.10.1"), ("GATEWAY", "172.16.10.254"),
    ("LAST", "172.16.10.255"),
    ("name: vn1-pod\n    namespace: default\n", "name: vn1-pod\n    namespace: default\n    labels: {tier: front}\n"),
    (
      "Node:         minikube/192.168.177.47\nLabels:       <none>\n",
      "Node:         minikube/192.168.177.47\nLabels:       tier=front\n"
    ),
  ]
}
