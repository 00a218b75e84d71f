package import LinuxSystem

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
