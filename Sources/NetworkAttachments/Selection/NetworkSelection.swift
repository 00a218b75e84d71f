package import JSON
public import NetworkAddresses

/// The networks that a pod asks for beside its default one: the annotation `k8s.v1.cni.cncf.io/networks` of the NPWG
/// multi-network specification v1.3, section 4.1.
///
/// Elements keep the order of the annotation; the same network twice is two elements.
public struct NetworkSelection: Hashable, Sendable {
  /// `k8s.v1.cni.cncf.io/networks`
  public static let annotationKey = "k8s.v1.cni.cncf.io/networks"

  /// How many networks one annotation may select: far more than a pod is ever given, and few enough to bound what a
  /// wrong annotation costs.
  public static let maximumCount = 1024

  /// The key whose value this was, for errors.
  public let annotation: String
  /// What is asked for, in order.
  public let elements: [NetworkSelectionElement]

  init(annotation: String, elements: [NetworkSelectionElement]) throws(NetworkSelectionError) {
    self.annotation = annotation
    self.elements = elements
    try checkDefaultRoute()
  }

  /// The default route can go to one attachment only (section 4.1.2.1.9).
  private func checkDefaultRoute() throws(NetworkSelectionError) {
    guard let first = elements.firstIndex(where: { $0.defaultRoute != nil }),
      let second = elements[(first + 1)...].first(where: { $0.defaultRoute != nil })
    else { return }
    let gateways = JSONValue.array((second.defaultRoute ?? []).map { .string($0.description) })
    throw NetworkSelectionError(
      annotation, second.label, key: "default-route", value: gateways,
      expected: "no second claim: \(elements[first].label) takes the default route")
  }
}

/// One network that a pod asks for, and how it wants to be attached to it.
public struct NetworkSelectionElement: Hashable, Sendable {
  /// Its place in the annotation, from 0.
  public let index: Int
  /// The network.
  public let network: NetworkReference
  /// The name that the interface must have; `nil` where one is to be chosen.
  public internal(set) var interface: String?
  /// The addresses that it must have, at most one a family.
  ///
  /// NPWG sets no limit; an interface of ours has one address a family, so that a second one could not be honoured.
  public internal(set) var ips: [AddressRequest] = []
  /// The MAC address that it must have.
  public internal(set) var mac: MACAddress?
  /// Where the pod's default routes go, at most one gateway a family; `nil` where this attachment does not claim them.
  /// An empty list claims them and leaves the gateways to the network.
  public internal(set) var defaultRoute: [IPAddress]?
  /// What the interface may send beside its own addresses: `net.juniper.contrail.allowedAddressPairs` of `cni-args`.
  public internal(set) var allowedAddressPairs: [AllowedAddressPair] = []
  /// What is asked for and cannot be honoured: who serves the selection must refuse it.
  public internal(set) var unsupported: [UnsupportedRequest] = []
  /// Keys of `cni-args` that nothing here reads. They change nothing, and are worth a line in a log.
  public internal(set) var unhandledArguments: [String] = []
  /// `cni-args` as they came.
  package internal(set) var arguments = JSONObject()
  /// `cni-args` as JSON text; `{}` without any.
  public var argumentsText: String { JSONValue.object(arguments).text() }

  init(index: Int, network: NetworkReference) {
    self.index = index
    self.network = network
  }

  /// How messages call it: annotation, place and network.
  package func source(in annotation: String) -> String { "annotation \(annotation)\(label)" }

  var label: ElementLabel { ElementLabel(index: index, name: network.description) }
}

/// An address that an attachment must have.
public struct AddressRequest: Hashable, Sendable {
  /// The address itself.
  public let address: IPAddress
  /// The length after the `/`, in bits, where one was written; the network's own length is what counts.
  public let prefixLength: Int?
}

/// A key of a selection that is well-formed and cannot be honoured.
public struct UnsupportedRequest: Hashable, Sendable {
  /// The keys that lead to it: `bandwidth`, `cni-args.net.juniper.contrail.vlan`.
  public let key: String
  /// Its value as JSON text, cut where it is long; that of an unknown key is not shown, because it may be a secret.
  public let value: String
  /// Why it cannot be honoured.
  public let reason: String
}

/// An element of a selection as errors name it: place and name.
public struct ElementLabel: Hashable, Sendable, CustomStringConvertible {
  /// From 0.
  public let index: Int
  /// The network's name as far as it is known.
  public let name: String?

  /// `[1] (ns/vn2)`
  public var description: String { name.map { "[\(index)] (\($0))" } ?? "[\(index)]" }
}
