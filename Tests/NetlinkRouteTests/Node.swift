import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import Netlink
import NetlinkRoute
import NetworkAddresses
import Testing

let bridgeIndex: UInt32 = 1_000_001

/// A process in a network namespace of its own, with a bridge, and a pod's namespace on it.
struct Node {
  let connection: Connection
  /// A connection inside the pod's namespace.
  let pod: Connection

  init() throws {
    Sandbox.enterNetwork()
    pod = try Connection(opening: .route)
    let podNamespace = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    Sandbox.enterNetwork()
    connection = try Connection(opening: .route)
    var batch = Batch()
    addBridge(to: &batch)
    addPort(namespace: podNamespace, to: &batch)
    try connection.perform(batch)
    var podBatch = Batch()
    podBatch.setLink(.name("lo"), LinkAttributes(isUp: true))
    podBatch.setLink(.name("eth0"), LinkAttributes(isUp: true))
    try pod.perform(podBatch)
  }

  private func addBridge(to batch: inout Batch) {
    batch.createLink(
      LinkAttributes(index: bridgeIndex, name: "contrail0", mtu: 1400, address: MACAddress("00:00:5e:00:01:00")),
      Bridge(
        forwardDelay: 0, spanningTree: false, groupForwardMask: 8, multicastSnooping: false, noLinkLocalLearning: true))
    batch.setLink(
      .index(bridgeIndex), LinkAttributes(isUp: true, addressGeneration: AddressGenerationMode.none))
    batch.setLink(.name("lo"), LinkAttributes(isUp: true))
  }

  private func addPort(namespace: Int32, to batch: inout Batch) {
    batch.createLink(
      LinkAttributes(
        name: "vmi01", mtu: 1400, address: MACAddress("02:00:00:00:00:01"), master: bridgeIndex, isUp: true,
        transmitQueues: 1, receiveQueues: 1),
      Veth(
        peer: LinkAttributes(
          name: "eth0", mtu: 1400, address: MACAddress("02:00:00:00:00:02"), transmitQueues: 1, receiveQueues: 1,
          group: 77, namespace: namespace)))
    batch.setLink(
      .name("vmi01"), LinkAttributes(alias: "c0ffee/eth0/uid", addressGeneration: AddressGenerationMode.none),
      port: BridgePort(hairpin: true, learning: false))
  }

  /// A route of every sort.
  var someRoutes: [Route] {
    [
      Route(to: Route.everywhere(.v4), gateway: IPAddress("10.32.0.9"), output: bridgeIndex, origin: .static),
      Route(to: Route.everywhere(.v6), gateway: IPAddress("fd00::9"), output: bridgeIndex, priority: 10),
      Route(
        to: prefix("10.1.0.0/16"), output: bridgeIndex, source: IPAddress("10.32.0.1"), priority: 5, mtu: 1400,
        advertisedSegment: 1360),
      Route(to: prefix("192.0.2.1/32"), gateway: IPAddress("169.254.1.1"), output: bridgeIndex, isOnLink: true),
      Route(to: Route.everywhere(.v4), table: RouteTable(rawValue: 700), type: .unreachable, priority: 4000),
      Route(to: prefix("10.3.0.0/16"), type: .blackhole),
      Route(
        to: prefix("10.2.0.0/16"),
        nextHops: [
          NextHop(gateway: IPAddress("10.32.0.5"), output: bridgeIndex),
          NextHop(gateway: IPAddress("10.32.0.6"), output: bridgeIndex, weight: 3),
        ]),
    ]
  }
}

/// Equal in all that a request can say; the kernel reports more.
func isSame(_ read: Route, _ route: Route) -> Bool {
  read.destination == route.destination && read.gateway == route.gateway && read.source == route.source
    && (route.output == nil || read.output == route.output) && read.table == route.table
    && read.origin == route.origin && read.scope == route.scope && read.type == route.type
    && (route.priority == nil || read.priority == route.priority) && read.mtu == route.mtu
    && read.advertisedSegment == route.advertisedSegment && read.isOnLink == route.isOnLink
    && read.nextHops == route.nextHops && read.family == route.family
}

func isSame(_ read: Neighbor, _ neighbor: Neighbor) -> Bool {
  read.address == neighbor.address && read.mac == neighbor.mac && read.link == neighbor.link
    && read.state == neighbor.state && read.flags == neighbor.flags
}

func isSame(_ read: Rule, _ rule: Rule) -> Bool {
  read.priority == rule.priority && read.table == rule.table && read.action == rule.action
    && read.source == rule.source && read.destination == rule.destination
    && read.inputInterface == rule.inputInterface && read.outputInterface == rule.outputInterface
}
