import CNI
import NetworkAttachments
import Testing

/// A pod is who CNI_ARGS say it is.
@Suite struct PodIdentityTests {
  @Test func fromArguments() {
    let text = "IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=p;K8S_POD_INFRA_CONTAINER_ID=i;K8S_POD_UID=u"
    #expect(
      PodIdentity(CNIArguments(text)) == PodIdentity(namespace: "ns", name: "p", uid: "u", infraContainerID: "i"))
    #expect(PodIdentity(CNIArguments("")) == PodIdentity())
  }

  @Test(arguments: [
    ("K8S_POD_NAMESPACE=ns;K8S_POD_NAME=p", "ns/p"), ("K8S_POD_NAME=p", "p"), ("K8S_POD_NAMESPACE=ns", "unnamed pod"),
  ])
  func shown(arguments: String, text: String) {
    #expect(PodIdentity(CNIArguments(arguments)).description == text)
  }
}
