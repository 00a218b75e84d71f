internal import CNI
internal import ContrailIPAM
internal import JSON
internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses
internal import NetworkAttachments
internal import VirtualNetworks
internal import YAML

/// What reads bytes that somebody else wrote. Whatever they are, it returns or throws: it neither traps nor hangs.
public enum FuzzTarget: String, CaseIterable, Sendable {
  case input
  case annotation
  case arguments
  case literal
  case manifest
  case route
  case netfilter

  /// Has the bytes read, and everything looked at that callers look at.
  public func read(_ bytes: [UInt8]) {
    switch self {
    case .input: try? Self.readInput(bytes)
    case .annotation: Self.readAnnotation(String(decoding: bytes, as: UTF8.self))
    case .arguments: _ = CNIArguments(String(decoding: bytes, as: UTF8.self)).malformed
    case .literal: _ = try? PythonLiteral.value(parsing: String(decoding: bytes, as: UTF8.self))
    case .manifest: Self.readManifest(bytes)
    case .route: Self.readRoute(bytes)
    case .netfilter: Self.readNetfilter(bytes)
    }
  }

  private static func readInput(_ bytes: [UInt8]) throws {
    let network = try NetworkConfiguration(parsing: bytes)
    _ = try? ContrailConfiguration(network)
    _ = try? ContrailConfiguration(forCleanUp: network)
    _ = try? network.previousResult()?.json(version: network.version).text()
    _ = try? network.dns()
    _ = try? network.capabilities()
    _ = try? network.validAttachments()
    let runtime = try network.runtimeConfig()
    _ = try? runtime.podAnnotations()
    _ = try? runtime.portMappings()
    _ = try? runtime.bandwidth()
    _ = try? runtime.ipRanges()
    _ = try? runtime.ips()
    _ = try? runtime.mac()
  }

  private static func readAnnotation(_ text: String) {
    let namespace = NamespaceFacts(name: "lab")
    for key in [
      AnnotationKey.networks, AnnotationKey.podNetwork, AnnotationKey.podNetworkArguments, "opencontrail.org/network",
    ] {
      let networks = try? PodNetworks(podAnnotations: [key: .string(text)], namespace: namespace, clusterName: "k8s")
      _ = networks?.unsupported.count
      _ = networks?.warnings
    }
    let manifest: JSONValue = [
      "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
      "metadata": [
        "name": "n", "annotations": ["juniper.net/networks": .string(text), "opencontrail.org/cidr": .string(text)],
      ],
      "spec": ["config": .string(#"{"type": "contrail-k8s-cni"}"#)],
    ]
    _ = try? NetworkAttachmentDefinition(manifest: manifest)
    _ = NetworkReference(text)?.candidates(from: "lab", clusterName: "k8s")
    _ = try? IPPrefix(parsing: text)
    _ = MACAddress(text)
  }

  private static func readManifest(_ bytes: [UInt8]) {
    for document in (try? YAMLDocument.documents(in: bytes)) ?? [] {
      guard let object = try? APIObject(document.value) else { continue }
      _ = JSONValue.object(object.json).text(.pretty)
    }
  }

  private static func readRoute(_ bytes: [UInt8]) {
    let connection = Connection(RecordedAnswers(bytes))
    _ = try? connection.links()
    _ = try? connection.link(.name("eth0"))?.bridgePort
    _ = try? connection.addresses()
    _ = try? connection.routes()
    _ = try? connection.neighbors()
    _ = try? connection.forwardingEntries()
    _ = try? connection.rules(family: .v4)
    _ = try? connection.nextHops(origin: .any)
  }

  private static func readNetfilter(_ bytes: [UInt8]) {
    let connection = Connection(RecordedAnswers(bytes))
    let table = Table(.bridge, "contrail")
    _ = try? connection.tables()
    _ = try? connection.chains()
    _ = try? connection.rules(of: table)
    _ = try? connection.sets(of: table)
    for flags in [NamedSet.Flags.interval, []] {
      _ = try? connection.elements(of: NamedSet("s", key: [.ipv4Address], flags: flags), in: table)
    }
    _ = try? connection.rulesetGeneration()
  }
}

/// A kernel that answers with given datagrams, whatever it is asked. Each begins with its length in two bytes; its first
/// message gets the sequence number that is waited for, so that it is not only refused.
private final class RecordedAnswers: Transport {
  private var rest: ArraySlice<UInt8>
  private var sequence: [UInt8] = [0, 0, 0, 0]
  let port: UInt32 = 0

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func send(_ datagram: [UInt8]) throws(Errno) { sequence = Array(datagram.dropFirst(8).prefix(4)) }

  func receive(into buffer: inout [UInt8]) throws(Errno) -> Int {
    guard rest.count >= 2 else { throw .wouldBlock }
    let count = min(Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8, rest.count - 2, buffer.count)
    var datagram = Array(rest.dropFirst(2).prefix(count))
    rest = rest.dropFirst(2 + count)
    if datagram.count >= 16 { datagram.replaceSubrange(8..<12, with: sequence) }
    buffer.replaceSubrange(0..<count, with: datagram)
    return count
  }

  func enableStrictDumps() throws(Errno) {}
}
