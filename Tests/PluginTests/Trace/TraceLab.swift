import JSON
import Testing

/// Pods `left` in n1 and `right` in n2, which a target connects, with eth0 in the default network.
struct TraceLab {
  let node: Node
  let left: Pod
  let right: Pod
  let instances: [NetworkNamespace]
  let transit: NetworkNamespace
  let hostEnds: [String]

  static func with(_ body: (TraceLab) throws -> Void) throws {
    try withNode { node in
      try node.apply(labNamespace, network(1, sharedTarget), network(2, sharedTarget))
      let pods = try node.addPods("n1", "n2")
      try body(
        TraceLab(
          node: node, left: pods[0], right: pods[1], instances: ["lab.n1", "lab.n2"].map(node.instance),
          transit: node.instance("transit"),
          hostEnds: ["lab.n1", "lab.n2"].map { try node.hostEnds(in: $0)[0] }))
    }
  }

  /// Of `left` to `right`.
  func trace(_ more: String...) throws -> JSONValue { try node.trace(left, ["lab/\(right.name)"] + more) }
}
