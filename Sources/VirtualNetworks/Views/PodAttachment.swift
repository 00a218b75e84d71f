internal import JSON
package import NetworkAddresses
package import NetworkAttachments

/// What is known of a pod's attachment to networks: the record of its ADD.
package struct PodAttachment: Hashable, Sendable {
  package var clusterName: String
  /// Empty where the runtime did not say.
  package var podNamespace: String
  package var podName: String
  package var podUID: String
  package var containerID: String
  /// RFC 3339 in UTC, whole seconds.
  package var created: String
  /// Whether the ADD has finished.
  package var isAttached: Bool
  /// In the order of the pod's networks, the default one first.
  package var interfaces: [PodInterface]

  package init(
    clusterName: String, podNamespace: String, podName: String, podUID: String, containerID: String, created: String,
    isAttached: Bool, interfaces: [PodInterface]
  ) {
    self.clusterName = clusterName
    self.podNamespace = podNamespace
    self.podName = podName
    self.podUID = podUID
    self.containerID = containerID
    self.created = created
    self.isAttached = isAttached
    self.interfaces = interfaces
  }

  /// The pod's name, or the container's where there is none.
  package var workloadName: String { podName.isEmpty ? containerID : podName }

  /// What stays the same from one attempt to start the pod to the next, where the runtime says so.
  private var identity: String { podUID.isEmpty ? containerID : podUID }

  /// `<cluster>-<pod>-<8 hex>`
  package var virtualMachineName: String {
    "\(clusterName)-\(workloadName)-\(shortDigest("VirtualMachine \(identity)"))"
  }

  /// The virtual machine's UID, the same for every view of it.
  package var virtualMachineUID: String { uuidText(sha3("VirtualMachine \(clusterName) \(identity)")) }

  /// `Success` once the ADD has finished.
  var status: JSONObject { ["observation": "", "state": isAttached ? "Success" : "Pending"] }
}

/// One of its interfaces.
package struct PodInterface: Hashable, Sendable {
  /// Given to it at random, when it was made.
  package var uuid: UInt128
  /// The name inside the pod.
  package var name: String
  /// The VirtualNetwork.
  package var networkNamespace: String
  package var networkName: String
  package var mac: MACAddress
  package var addresses: [InterfaceAddress]
  /// What it may use beside its own.
  package var pairs: [AllowedAddressPair]

  package init(
    uuid: UInt128, name: String, networkNamespace: String, networkName: String, mac: MACAddress,
    addresses: [InterfaceAddress], pairs: [AllowedAddressPair] = []
  ) {
    self.pairs = pairs
    self.uuid = uuid
    self.name = name
    self.networkNamespace = networkNamespace
    self.networkName = networkName
    self.mac = mac
    self.addresses = addresses
  }

  /// The interface's UID: its UUID in text form.
  package var uid: String { uuidText(bytes) }

  /// The UUID's first 8 digits.
  var shortID: String { hexadecimal(bytes[..<4]) }

  private var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: uuid >> (120 - 8 * UInt128($0))) } }
}

/// The first 8 digits of a digest.
func shortDigest(_ text: String) -> String { hexadecimal(sha3(text).prefix(4)) }

/// `71748541-b2d5-4b1d-bcb1-54f11dacc799`, of the first 16 octets.
package func uuidText(_ bytes: [UInt8]) -> String {
  let digits = Array(hexadecimal(bytes.prefix(16)).utf8)
  let bounds = [0, 8, 12, 16, 20, 32]
  return zip(bounds, bounds.dropFirst()).map { String(decoding: digits[$0..<$1], as: UTF8.self) }
    .joined(separator: "-")
}
