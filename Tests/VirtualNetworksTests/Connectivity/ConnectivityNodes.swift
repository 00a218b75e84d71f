import NetworkAddresses
import NetworkAttachments
import Testing
import VirtualNetworks

func name(_ path: String) -> NetworkName {
  let parts = path.split(separator: "/")
  return NetworkName(namespace: String(parts[0]), name: String(parts[1]))
}

/// A network of users; `both`, `takes` and `gives` are route targets, its own is added.
func node(
  _ path: String, _ prefixes: String..., labels: [String: String] = [:], both: [String] = [], takes: [String] = [],
  gives: [String] = [], role: NetworkRole = .user
) throws -> NetworkNode {
  NetworkNode(
    name(path), role: role, labels: labels, prefixes: try prefixes.map { try IPPrefix(parsing: $0) },
    importTargets: ["own \(path)"] + both + takes, exportTargets: ["own \(path)"] + both + gives)
}

func router(
  _ path: String, _ type: RouterType, _ networks: [String: String], labels: [String: String] = [:],
  imports: RouterNode.Import...
) -> RouterNode {
  RouterNode(
    name(path), labels: labels, type, networks: ObjectSelector(matchLabels: networks), imports: imports)
}

/// `a/x<b/y`: a/x imports b/y and means it; sorted.
func imports(_ connectivity: Connectivity) -> [String] {
  connectivity.networks.flatMap { network in
    connectivity.imports(of: network.name).filter { $0.refusal == nil }.map { "\(network.name)<\($0.exporter.name)" }
  }.sorted()
}

/// Of networks in these namespaces.
func resolve(_ networks: [NetworkNode], _ routers: [RouterNode] = []) -> Connectivity {
  Connectivity(
    networks: networks, routers: routers, namespaces: ["a": ["team": "a"], "b": ["team": "b"], "c": [:]])
}

func + (left: [String: String], right: [String: String]) -> [String: String] { left.merging(right) { $1 } }
