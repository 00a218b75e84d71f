/// The world beyond the node: a namespace behind a veth, which knows no pod network.
struct Outside {
  let namespace: NetworkNamespace
  static let ipv4 = "192.0.2.1"
  static let ipv6 = "2001:db8:ff::1"
  static let node4 = "192.0.2.2"
  static let node6 = "2001:db8:ff::2"

  /// Connects the node through its interface `up0` and makes it the node's default route.
  init(of node: Node, mtu: Int = 1500) throws {
    namespace = try node.makeNamespace()
    let script = """
      link add up0 mtu \(mtu) type veth peer name out0 mtu \(mtu) netns \(namespace.name)
      addr add \(Self.node4)/24 dev up0
      link set up0 addrgenmode none
      addr add \(Self.node6)/64 dev up0 nodad
      addr add fe80::2/64 dev up0 nodad
      link set up0 up
      """
    try Shell.run(["ip", "-batch", "-"], input: script, in: node.namespace)
    let outside = """
      addr add \(Self.ipv4)/24 dev out0
      link set out0 addrgenmode none
      addr add \(Self.ipv6)/64 dev out0 nodad
      addr add fe80::1/64 dev out0 nodad
      link set out0 up
      """
    try Shell.run(["ip", "-batch", "-"], input: outside, in: namespace)
    try Shell.run(["ip", "route", "add", "default", "via", Self.ipv4], in: node.namespace)
    try Shell.run(["ip", "-6", "route", "add", "default", "via", Self.ipv6], in: node.namespace)
    try node.settle()
  }

  /// Lets the outside route to the pods: what SNAT spares it, and what an attacker on the link would do.
  func addRoutesToPods() throws {
    try Shell.run(["ip", "route", "add", "10.32.0.0/12", "via", Self.node4], in: namespace)
    try Shell.run(["ip", "-6", "route", "add", "fd00:10:32::/64", "via", Self.node6], in: namespace)
  }
}
