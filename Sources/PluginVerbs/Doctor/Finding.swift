/// Something on this node that is not as it should be, and what to do about it.
package struct Finding: Hashable, Sendable {
  /// What sort of thing is wrong; the raw values are for programs.
  package enum Kind: String, Sendable, CaseIterable {
    case lostStore = "lost-store"
    case damagedStore = "damaged-store"
    case lostDefinitions = "lost-definitions"
    case permissions
    case lockFile = "lock-file"
    case leakedAddress = "leaked-address"
    case kernelFeature = "kernel-feature"
    case foreignChain = "foreign-chain"
    case bridgeFilter = "bridge-filter"
    case forwarding
    case configuration
    case foreignMount = "foreign-mount"
    case lostNamespace = "lost-namespace"
    case instance
    case outdatedInstance = "outdated-instance"
    case unusedInstance = "unused-instance"
    case rules
    case foreignTable = "foreign-table"
    case transit
    case uplink
    case unfinished
    case podGone = "pod-gone"
    case attachment
    case podInside = "pod-inside"
    case podRoute = "pod-route"
    case strayPort = "stray-port"
    case strayEntry = "stray-entry"
  }

  package let kind: Kind
  /// What is wrong: a thing and its value.
  package let problem: String
  /// What to do: a command where there is one.
  package let remedy: String
  /// What `doctor --fix` does; `nil` where it can do nothing.
  let treatment: Treatment?

  init(_ kind: Kind, _ problem: String, remedy: String) {
    self.kind = kind
    self.problem = problem
    self.remedy = remedy
    treatment = nil
  }

  init(_ kind: Kind, _ problem: String, _ treatment: Treatment) {
    self.kind = kind
    self.problem = problem
    self.treatment = treatment
    remedy = "contrailctl doctor --fix"
  }

  package var isTreatable: Bool { treatment != nil }

  /// What a finding stays, however often it is looked for.
  var identity: String { "\(kind.rawValue) \(problem)" }
}

/// What is done about findings, in this order.
enum Treatment: Hashable, Comparable {
  /// Puts the damaged store aside.
  case replaceStore
  case restrict(path: String, permissions: UInt32)
  /// Records what the kernel has of pods that the store does not know.
  case adopt
  /// Removes what an attachment has, and its record.
  case cleanUp(containerID: String, interfaceName: String)
  case releaseAddresses(owner: String)
  /// Removes a host end that belongs to no pod; the pin is empty for the node's namespace.
  case removePort(pin: String, name: String)
  /// Makes instances, connections and routes what definitions and records say.
  case mend
  /// Bounds what a pod asks for.
  case limitNeighbors(containerID: String, interfaceName: String)
  case removeUnused
  case removeLock(file: String)
}

extension Finding.Kind {
  /// Why it matters.
  package var reason: String {
    switch self {
    case .lostStore: "no pod can be added to the network, because its address might be another one's"
    case .damagedStore: "no pod can be added or removed"
    case .lostDefinitions: "no pod can be added to these networks, and their connections cannot be mended"
    case .permissions: "others on this node could read or change what the plugin relies on"
    case .lockFile: "nobody holds it and nothing belongs to it: a process was killed"
    case .leakedAddress: "nobody uses the addresses, and nobody can get them"
    case .kernelFeature: "pods cannot be attached without it"
    case .foreignChain: "packets that the node forwards for pods are dropped there, whatever our rules say"
    case .bridgeFilter: "answers of a service's pods to pods of the same node are not translated back"
    case .forwarding: "nothing is forwarded between pods, their gateway and what is beyond it"
    case .configuration: "the network of the node itself was not compared with it"
    case .foreignMount: "this process does not see the namespace; whoever runs there does"
    case .lostNamespace: "the interfaces of its pods went with it"
    case .instance: "the pods of the network do not reach each other or their gateway"
    case .outdatedInstance: "a change of the definitions has not arrived in the kernel"
    case .unusedInstance: "it takes memory for nobody: a process was killed"
    case .rules: "pods may send what they should not, or cannot send what they may"
    case .foreignTable: "the namespace is the plugin's: what is in there may drop pods' packets"
    case .transit: "connected networks do not reach each other"
    case .uplink: "pods do not reach services or the outside, or the node does not reach them"
    case .unfinished: "an ADD was killed; its addresses are in use and its pod does not run"
    case .podGone: "its addresses are in use, though the pod is gone without a DEL"
    case .attachment: "the pod cannot be reached, or cannot send"
    case .podInside: "what is inside the pod is the pod's: it was changed there"
    case .podRoute: "the pod does not reach connected networks"
    case .strayPort: "nothing is recorded of it: no DEL of a pod removes it"
    case .strayEntry: "it says who may send, or who is where, for a pod that is gone"
    }
  }
}
