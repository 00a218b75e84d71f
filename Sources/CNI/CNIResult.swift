package import JSON
package import NetworkAddresses

/// What an ADD made, in terms of the newest version.
package struct CNIResult: Hashable, Sendable {
  package struct Interface: Hashable, Sendable {
    package var name: String
    /// As text, because earlier plugins of a chain may report what is no Ethernet address.
    package var mac: String
    package var mtu: Int?
    /// The path of the namespace the interface is in; `nil` on the host.
    package var sandbox: String?
    package var socketPath: String?
    package var pciID: String?

    package init(
      name: String, mac: String = "", mtu: Int? = nil, sandbox: String? = nil, socketPath: String? = nil,
      pciID: String? = nil
    ) {
      self.name = name
      self.mac = mac
      self.mtu = mtu
      self.sandbox = sandbox
      self.socketPath = socketPath
      self.pciID = pciID
    }
  }

  package struct Address: Hashable, Sendable {
    package var address: InterfaceAddress
    package var gateway: IPAddress?
    /// An index into `interfaces`.
    package var interface: Int?

    package init(_ address: InterfaceAddress, gateway: IPAddress? = nil, interface: Int? = nil) {
      self.address = address
      self.gateway = gateway
      self.interface = interface
    }
  }

  package struct Route: Hashable, Sendable {
    package var destination: IPPrefix
    package var gateway: IPAddress?
    package var mtu: Int?
    package var advertisedMSS: Int?
    package var priority: Int?
    package var table: Int?
    package var scope: Int?

    package init(
      _ destination: IPPrefix, gateway: IPAddress? = nil, mtu: Int? = nil, advertisedMSS: Int? = nil,
      priority: Int? = nil, table: Int? = nil, scope: Int? = nil
    ) {
      self.destination = destination
      self.gateway = gateway
      self.mtu = mtu
      self.advertisedMSS = advertisedMSS
      self.priority = priority
      self.table = table
      self.scope = scope
    }
  }

  package var interfaces: [Interface]
  package var ips: [Address]
  package var routes: [Route]
  package var dns: DNS
  /// Members beyond the specification, which readers of results ignore.
  package var additions = JSONObject()

  package init(
    interfaces: [Interface] = [], ips: [Address] = [], routes: [Route] = [], dns: DNS = DNS()
  ) {
    self.interfaces = interfaces
    self.ips = ips
    self.routes = routes
    self.dns = dns
  }

  /// This result, of an earlier plugin in the chain, followed by ours. Our interfaces come last, so the earlier indexes
  /// stay; our DNS settings fill in where there were none.
  package func merging(_ ours: CNIResult) -> CNIResult {
    var merged = self
    let shift = interfaces.count
    merged.interfaces += ours.interfaces
    for var address in ours.ips {
      address.interface = address.interface.map { $0 + shift }
      merged.ips.append(address)
    }
    merged.routes += ours.routes
    if merged.dns.isEmpty { merged.dns = ours.dns }
    return merged
  }
}
