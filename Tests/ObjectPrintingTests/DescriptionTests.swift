import JSON
import ObjectPrinting
import Testing
import VirtualNetworks

private func metadata(_ annotations: [String: String] = [:], labels: [String: String] = [:]) -> ObjectMetadata {
  ObjectMetadata(
    name: "vn1", namespace: "default", uid: "e8254ef9-761b-4516-9779-9adaf93e2cec",
    creationTimestamp: "2022-08-19T20:58:39Z", labels: labels, annotations: annotations)
}

/// The layout of kubectl, byte for byte: a column reaches as far as consecutive lines have it, and ends with a heading.
@Test func virtualNetwork() {
  let network = APIObject(
    .virtualNetwork, metadata(["juniper.net/nad-name": "vn1", "a": "b"], labels: ["x": "y", "w": ""]),
    spec: [
      "fabricSNAT": false, "fqName": ["default-domain", "default", "vn1"],
      "v4SubnetReference": [
        "apiVersion": "core.contrail.juniper.net/v1alpha1", "fqName": ["vn1-v4"], "kind": "Subnet", "name": "vn1-v4",
        "resourceVersion": "118072", "uid": "abbd",
      ],
      "virtualNetworkProperties": ["forwardingMode": "l2_l3", "rpf": "enable"], "none": nil, "attributes": [:],
      "references": [["name": "a", "uid": "1"], ["attributes": [:], "name": "b"]],
    ],
    status: ["observation": "", "state": "Success", "virtualNetworkNetworkId": 5])
  #expect(
    description(of: network)
      == """
      Name:         vn1
      Namespace:    default
      Labels:       w=
                    x=y
      Annotations:  a: b
                    juniper.net/nad-name: vn1
      API Version:  core.contrail.juniper.net/v1alpha1
      Kind:         VirtualNetwork
      Metadata:
        Creation Timestamp:  2022-08-19T20:58:39Z
        Generation:          1
        UID:                 e8254ef9-761b-4516-9779-9adaf93e2cec
      Spec:
        Attributes:
        Fabric SNAT:  false
        Fq Name:
          default-domain
          default
          vn1
        None:  <nil>
        References:
          Name:  a
          UID:   1
          Attributes:
          Name:  b
        v4SubnetReference:
          API Version:  core.contrail.juniper.net/v1alpha1
          Fq Name:
            vn1-v4
          Kind:              Subnet
          Name:              vn1-v4
          Resource Version:  118072
          UID:               abbd
        Virtual Network Properties:
          Forwarding Mode:  l2_l3
          Rpf:              enable
      Status:
        Observation:                 \u{20}
        State:                       Success
        Virtual Network Network Id:  5
      Events:                        <none>

      """.replacing("\u{20}\n", with: "\n").replacing(
        "Observation:                 \n", with: "Observation:                 \n"))
}

/// A long annotation and one of several lines stand below their key; a line that is too long is cut.
@Test func longAnnotations() {
  let long = String(repeating: "x", count: 200)
  let object = APIObject(
    .routeTarget,
    ObjectMetadata(
      name: "t",
      annotations: [
        "a": "one\ntwo\n", "b": String(repeating: "y", count: 140 - 3), "c": String(repeating: "z", count: 140 - 2),
        "d": long,
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
      ]))
  let lines = description(of: object).split(separator: "\n", omittingEmptySubsequences: false)
  let expected = [
    "Name:         t", "Namespace:    ", "Labels:       <none>", "Annotations:  a:", "                one",
    "                two", "              b: \(String(repeating: "y", count: 137))", "              c:",
    "                \(String(repeating: "z", count: 138))", "              d:",
    "                \(String(repeating: "x", count: 138))...",
  ]
  #expect(lines.prefix(expected.count).map(String.init) == expected)
}

@Test func namespace() {
  let namespace = APIObject(.namespace, ObjectMetadata(name: "team", labels: ["a": "b"]), status: ["phase": "Active"])
  #expect(
    description(of: namespace) == "Name:         team\nLabels:       a=b\nAnnotations:  <none>\nStatus:       Active\n")
}
