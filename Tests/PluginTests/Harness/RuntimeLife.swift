import JSON
import Testing

/// What a runtime does with a pod from before its start to after its end, as it was seen to: steps that are made of its
/// captured calls.
struct RuntimeLife: Sendable, CustomTestStringConvertible {
  /// What the names of its captured calls begin with.
  let testDescription: String
  let steps: [Step]

  enum Step: Sendable, Equatable {
    case version, status
    /// GC: of a network that is not the runtime's default any more (`null`), and of this one, which lists the pod if it runs.
    case collectOther, collect
    case add, check, delete
    /// DEL without a namespace and without a previous result.
    case deleteAgain
    /// The pod's namespace goes, with or without a DEL.
    case destroyNamespace
    /// ADD while a network that the pod selects is not there.
    case addRefused
    case define
    /// A new container ID and a new namespace for the same pod.
    case newSandbox
    /// Late calls for the container before.
    case deleteFormer
    /// The file in /etc/cni/net.d is another one from now on.
    case changeConfiguration
  }

  static let all = [
    RuntimeLife(
      testDescription: "cri-o-1.37",
      // The daemon starts, the pod starts, the daemon starts again, the pod ends: it never repeats a DEL.
      steps: [
        .version, .status, .collectOther, .collect, .define, .add, .check, .version, .status, .collectOther, .collect,
        .check, .delete, .destroyNamespace, .collect,
      ]),
    RuntimeLife(
      testDescription: "kubelet-1.36-cri-o",
      steps: [
        .version, .status, .addRefused, .delete, .newSandbox, .addRefused, .delete, .define, .newSandbox, .add, .check,
        .deleteFormer, .check, .delete, .destroyNamespace,
      ]),
    RuntimeLife(
      testDescription: "containerd-1.6",
      steps: [.define, .add, .delete, .deleteAgain, .destroyNamespace, .deleteAgain, .deleteAgain]),
    RuntimeLife(
      testDescription: "containerd-2.4",
      steps: [
        .status, .define, .add, .status, .changeConfiguration, .delete, .deleteAgain, .destroyNamespace, .deleteAgain,
      ]),
    RuntimeLife(
      testDescription: "kubelet-1.36-containerd-1.6",
      steps: [
        .addRefused, .delete, .newSandbox, .define, .add, .deleteFormer, .check, .destroyNamespace, .deleteAgain,
        .deleteAgain,
      ]),
    RuntimeLife(
      testDescription: "kubelet-1.36-containerd-2.4",
      steps: [
        .addRefused, .deleteAgain, .define, .newSandbox, .add, .newSandbox, .deleteFormer, .add, .deleteFormer,
        .changeConfiguration, .delete, .deleteAgain, .destroyNamespace, .deleteAgain,
      ]),
    RuntimeLife(testDescription: "multus-containerd", steps: [.add, .delete, .deleteAgain, .deleteAgain]),
    RuntimeLife(testDescription: "multus-cri-o", steps: [.add, .check, .delete, .destroyNamespace]),
    RuntimeLife(
      testDescription: "podman-4.3", steps: [.version, .add, .version, .delete, .version, .destroyNamespace]),
  ]

  /// The runtime's own call for this verb, or the one that it is known to make, of the parts of another one.
  func call(_ verb: String) throws -> CapturedCall {
    let own = CapturedCall.all.filter { $0.testDescription.hasPrefix(testDescription + ".") }
    if let call = own.first(where: { $0.verb == verb && $0.environment["CNI_NETNS"] != "" }) { return call }
    if let call = own.first(where: { $0.verb == verb }) { return call }
    let ofAll = ["GC", "STATUS", "VERSION"].contains(verb) ? CapturedCall.all(verb) : own.filter { $0.verb == "ADD" }
    var call = try #require(ofAll.first, "\(testDescription) \(verb)")
    call.environment["CNI_COMMAND"] = verb
    return call
  }
}
