import NetworkAttachments
import Testing

/// A network can be named as Kubernetes does or as Contrail does; both spellings lead to the same network.
@Suite struct NetworkReferenceTests {
  static let meanings: [(String, [String])] = [
    ("vn1", ["blue/vn1"]), ("red/vn1", ["red/vn1"]),
    ("k8s-vn1-pod-network", ["blue/k8s-vn1-pod-network", "blue/vn1"]),
    ("k8s-blue-pod-network", ["blue/k8s-blue-pod-network", "blue/default-podnetwork", "blue/blue"]),
    ("k8s-default-pod-network", ["blue/k8s-default-pod-network", "k8s-contrail/default-podnetwork"]),
    ("k8s-contrail/default-podnetwork", ["k8s-contrail/default-podnetwork"]),
    (
      "default-domain:k8s-ns-isolated:k8s-vn-left-1-pod-network",
      [
        "ns-isolated/vn-left-1", "ns-isolated/k8s-vn-left-1-pod-network", "k8s-ns-isolated/vn-left-1",
        "k8s-ns-isolated/k8s-vn-left-1-pod-network",
      ]
    ),
    ("default-domain:red:vn1", ["red/vn1"]), ("default-domain:k8s-red:vn1", ["red/vn1", "k8s-red/vn1"]),
    (
      "default-domain:k8s-red:k8s-red-pod-network",
      [
        "red/default-podnetwork", "red/red", "red/k8s-red-pod-network", "k8s-red/red", "k8s-red/k8s-red-pod-network",
      ]
    ),
    (
      "default-domain:k8s-default:k8s-default-pod-network",
      [
        "k8s-contrail/default-podnetwork", "default/k8s-default-pod-network", "k8s-contrail/default-podnetwork",
        "k8s-default/k8s-default-pod-network",
      ]
    ),
    (
      "default-domain:k8s-red:k8s-red-service-network",
      [
        "red/default-servicenetwork", "red/k8s-red-service-network", "k8s-red/k8s-red-service-network",
      ]
    ),
    ("other-domain:red:vn1", []), ("default-domain:k8s-:vn1", ["k8s-/vn1"]),
  ]

  @Test(arguments: meanings) func candidates(text: String, names: [String]) throws {
    let reference = try #require(NetworkReference(text))
    #expect(reference.description == text)
    #expect(reference.candidates(from: "blue", clusterName: "k8s").map(\.description) == names)
  }

  @Test(arguments: [
    "", "/", "a/", "/a", "a/b/c", "a:b", "a:b:c:d", "::", "A", "a_b", "a b", "é", ".a", "a.", "x/d:p:n",
  ])
  func refused(text: String) {
    #expect(NetworkReference(text) == nil)
  }

  @Test(arguments: [253, 254]) func length(count: Int) {
    #expect((NetworkReference(String(repeating: "a", count: count)) != nil) == (count == 253))
  }
}
