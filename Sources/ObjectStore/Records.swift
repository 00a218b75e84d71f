package import LinuxSystem
package import NetworkAddresses
package import NetworkAttachments

/// Which pod an attachment serves; empty texts where the runtime did not say.
package struct PodReference: Equatable, Sendable {
  package var namespace: String
  package var name: String
  package var uid: String

  package init(namespace: String = "", name: String = "", uid: String = "") {
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }
}

/// What one ADD resolved and did: everything that DEL, CHECK and GC need.
package struct Attachment: Equatable, Sendable {
  package enum State: Int64, Sendable {
    /// Recorded before the kernel was touched; the ADD did not finish, or has not yet.
    case pending = 0
    case attached = 1
  }

  package var containerID: String
  /// The interface name that the runtime gave.
  package var interfaceName: String
  /// The `name` of the network configuration.
  package var networkName: String
  package var state: State
  package var pod: PodReference
  package var namespacePath: String
  package var namespace: NamespaceIdentity
  /// The group number of the pod's ends, unique among this node's attachments.
  package var linkGroup: UInt32
  /// Nanoseconds since 1970.
  package var created: UInt64
  package var interfaces: [AttachedInterface]

  package init(
    containerID: String, interfaceName: String, networkName: String, state: State, pod: PodReference,
    namespacePath: String, namespace: NamespaceIdentity, linkGroup: UInt32, created: UInt64,
    interfaces: [AttachedInterface]
  ) {
    self.containerID = containerID
    self.interfaceName = interfaceName
    self.networkName = networkName
    self.state = state
    self.pod = pod
    self.namespacePath = namespacePath
    self.namespace = namespace
    self.linkGroup = linkGroup
    self.created = created
    self.interfaces = interfaces
  }
}

/// One interface of an attachment.
package struct AttachedInterface: Equatable, Sendable {
  /// The interface's own identity, random; its MAC is made from it unless one was asked for.
  package var uuid: UInt128
  /// The name inside the pod.
  package var name: String
  package var hostName: String
  package var mac: MACAddress
  package var hostMAC: MACAddress
  package var mtu: UInt32
  /// `namespace/name` of the virtual network.
  package var network: String
  /// The routing instance that holds the host end.
  package var instance: String
  package var addresses: [AttachedAddress]
  /// The sources that it may use beside its own.
  package var pairs: [AllowedAddressPair]

  package init(
    uuid: UInt128, name: String, hostName: String, mac: MACAddress, hostMAC: MACAddress, mtu: UInt32,
    network: String, instance: String, addresses: [AttachedAddress], pairs: [AllowedAddressPair] = []
  ) {
    self.pairs = pairs
    self.uuid = uuid
    self.name = name
    self.hostName = hostName
    self.mac = mac
    self.hostMAC = hostMAC
    self.mtu = mtu
    self.network = network
    self.instance = instance
    self.addresses = addresses
  }
}

/// An address of an interface and the gateway of its subnet.
package struct AttachedAddress: Equatable, Sendable {
  package var address: InterfaceAddress
  package var gateway: IPAddress
  /// Where the pod's default route of this family goes, if it leaves through this interface: mostly to the gateway.
  package var defaultRouter: IPAddress?

  package init(address: InterfaceAddress, gateway: IPAddress, defaultRouter: IPAddress?) {
    self.address = address
    self.gateway = gateway
    self.defaultRouter = defaultRouter
  }

  package init(address: InterfaceAddress, gateway: IPAddress, isDefaultRoute: Bool) {
    self.init(address: address, gateway: gateway, defaultRouter: isDefaultRoute ? gateway : nil)
  }
}

/// A routing instance that the kernel holds, or is about to.
package struct InstanceRecord: Equatable, Sendable {
  package var name: String
  /// The file that pins its namespace; empty for the node's own.
  package var pin: String
  /// Which namespace that is; `nil` until it is made, and for the node's own.
  package var identity: NamespaceIdentity?
  /// The bridge's interface index in its namespace; 0 until it is made.
  package var bridgeIndex: UInt32
  /// What the instance was built from; another text means that it must be looked at again.
  package var fingerprint: String
  /// Its number in the transit; 0 while it has no link there.
  package var vni: UInt32
  /// What is forwarded between its pods: `l2_l3`, `l3` or `l2`.
  package var mode: String
  /// Whether pods send from their own addresses only.
  package var checksSources: Bool
  /// The number of its uplink on this node; 0 without one.
  package var uplink: UInt32
  /// Whether the node reaches its pods by the uplink.
  package var isOpenToNode: Bool

  /// The name of the record of the transit, which is no instance.
  package static let transit = "transit"

  package init(
    name: String, pin: String = "", identity: NamespaceIdentity? = nil, bridgeIndex: UInt32 = 0,
    fingerprint: String = "", vni: UInt32 = 0, mode: String = "l2_l3", checksSources: Bool = true, uplink: UInt32 = 0,
    isOpenToNode: Bool = false
  ) {
    self.name = name
    self.pin = pin
    self.identity = identity
    self.bridgeIndex = bridgeIndex
    self.fingerprint = fingerprint
    self.vni = vni
    self.mode = mode
    self.checksSources = checksSources
    self.uplink = uplink
    self.isOpenToNode = isOpenToNode
  }
}

/// How one call of the plugin ended.
package struct Event: Equatable, Sendable {
  /// Nanoseconds since 1970.
  package var time: UInt64
  package var verb: String
  package var containerID: String
  package var interfaceName: String
  package var pod: PodReference
  /// The CNI error code, 0 for success.
  package var code: Int64
  package var microseconds: UInt64
  package var message: String

  package init(
    time: UInt64, verb: String, containerID: String, interfaceName: String, pod: PodReference, code: Int64,
    microseconds: UInt64, message: String
  ) {
    self.time = time
    self.verb = verb
    self.containerID = containerID
    self.interfaceName = interfaceName
    self.pod = pod
    self.code = code
    self.microseconds = microseconds
    self.message = message
  }
}
