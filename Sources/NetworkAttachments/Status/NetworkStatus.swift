public import NetworkAddresses

/// What one interface of a pod got: an element of the annotation `k8s.v1.cni.cncf.io/network-status` (NPWG v1.3,
/// section 5).
public struct NetworkStatus: Hashable, Sendable {
  /// `k8s.v1.cni.cncf.io/network-status`
  public static let annotationKey = "k8s.v1.cni.cncf.io/network-status"

  /// Name resolution that comes with the network.
  public struct DNS: Hashable, Sendable {
    /// The servers' addresses.
    public var nameservers: [String]
    /// The local domain; empty for none.
    public var domain: String
    /// Domains that short names are tried in.
    public var search: [String]
    /// Of the resolver.
    public var options: [String]

    /// Nothing, unless said otherwise.
    public init(nameservers: [String] = [], domain: String = "", search: [String] = [], options: [String] = []) {
      self.nameservers = nameservers
      self.domain = domain
      self.search = search
      self.options = options
    }
  }

  /// The network.
  public var name: NetworkName
  /// The interface in the pod.
  public var interface: String
  /// Its addresses, without prefix lengths.
  public var ips: [IPAddress]
  /// Its MAC address.
  public var mac: MACAddress?
  /// Whether the network is the pod's default one.
  public var isDefault: Bool
  /// Name resolution.
  public var dns: DNS
  /// The gateways of its default routes. Not printed where there are none.
  public var gateways: [IPAddress]
  /// In bytes. Not printed where it is not known.
  public var mtu: UInt32?

  /// The status of an interface.
  public init(
    name: NetworkName, interface: String, ips: [IPAddress], mac: MACAddress?, isDefault: Bool = false, dns: DNS = DNS(),
    gateways: [IPAddress] = [], mtu: UInt32? = nil
  ) {
    self.name = name
    self.interface = interface
    self.ips = ips
    self.mac = mac
    self.isDefault = isDefault
    self.dns = dns
    self.gateways = gateways
    self.mtu = mtu
  }
}
