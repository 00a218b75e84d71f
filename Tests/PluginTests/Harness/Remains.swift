/// What a killed call left, named by the last step that took effect.
enum Remains {
  static let addSteps = [
    "nothing recorded", "recorded", "instance made", "filter elements added", "links made", "host end settled",
    "pod's end settled", "attached",
  ]
  static let deleteSteps = ["untouched", "links gone", "links and elements gone", "record gone"]

  static func ofAdd(_ node: Node, _ pod: Pod) throws -> String {
    let state = try Store(node).state(of: pod)
    if state == 1 { return "attached" }
    if state == nil { return "nothing recorded" }
    let names = try node.namespace.linkNames()
    guard let hostEnd = try node.hostEnds().first else {
      if try hasElements(node) { return "filter elements added" }
      return names.contains(Node.bridge) ? "instance made" : "recorded"
    }
    if try pod.namespace.routes("-4").contains(where: { $0.hasPrefix("default") }) { return "pod's end settled" }
    let isSettled = try node.namespace.link(hostEnd)?.value["ifalias"] != nil
    return isSettled ? "host end settled" : "links made"
  }

  static func ofDelete(_ node: Node, _ pod: Pod) throws -> String {
    if try Store(node).state(of: pod) == nil { return "record gone" }
    let hasLinks = try !node.hostEnds().isEmpty
    switch (hasLinks, try hasElements(node)) {
    case (true, true): return "untouched"
    case (true, false): return "elements gone"
    case (false, true): return "links gone"
    case (false, false): return "links and elements gone"
    }
  }

  /// Whether the source filter lets any port send: has an element of a port's name and a pod's MAC.
  private static func hasElements(_ node: Node) throws -> Bool {
    try Shell.attempt(["nft", "list", "table", "bridge", "contrail"], in: node.namespace)
      .standardOutput.contains("\" . 02:")
  }
}
