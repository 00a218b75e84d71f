package import NetworkAddresses

/// The product's own settings: the `contrail` object of a network configuration.
package struct ContrailConfiguration: Hashable, Sendable {
  /// The network that pods get when nothing else is said.
  package struct PodNetwork: Hashable, Sendable {
    package var ipv4Subnet: IPPrefix? = IPPrefix(containing: .v4(IPv4Address(rawValue: 0x0a20_0000)), length: 12)
    /// `nil` = the subnet's first usable address.
    package var ipv4Gateway: IPv4Address?
    package var ipv6Subnet: IPPrefix?
    /// `nil` = the subnet's first usable address.
    package var ipv6Gateway: IPv6Address?
    /// Whether pods reach the outside with the node's address.
    package var fabricSNAT = false
  }

  /// The network of service addresses.
  package struct ServiceNetwork: Hashable, Sendable {
    package var ipv4Subnet: IPPrefix? = IPPrefix(containing: .v4(IPv4Address(rawValue: 0x0a60_0000)), length: 12)
    package var ipv6Subnet: IPPrefix?
  }

  /// What happens to a pod in a namespace that no object describes.
  package enum UnknownNamespace: String, Hashable, Sendable, CaseIterable {
    /// It is treated like any namespace that is not isolated.
    case shared
    /// The ADD is put off.
    case refuse
  }

  package var clusterName = "k8s"
  package var podNetwork = PodNetwork()
  package var serviceNetwork = ServiceNetwork()
  /// Of the pods' interfaces, in bytes; 0 = that of the node's default-route interface.
  package var mtu = 1500
  /// What must survive a reboot.
  package var stateDirectory = "/var/lib/contrail"
  /// What must not.
  package var runDirectory = "/run/contrail"
  /// How long to wait for a lock, in seconds.
  package var lockTimeout = 30
  package var unknownNamespace = UnknownNamespace.shared
  /// `nil` = no log.
  package var logFile: String? = "/var/log/contrail/cni/contrail-k8s-cni.log"
  package var logLevel = LogLevel.info
  /// The one network to attach to, `namespace/name`, when a meta-plugin calls for it.
  package var network: String?
  /// The addresses in 169.254.0.0/16 beyond its gateway that a pod may talk to.
  package var linkLocalServices: [IPv4Address] = []
  /// How many connections a port may have open, where they are kept track of; 0 = any number.
  package var connectionLimit: UInt32 = 16_384
  /// How many TCP connections a port may open in a second, there; 0 = any number.
  package var connectionRate: UInt32 = 1000
  /// What is odd without being wrong, for the log: unknown keys, keys that no longer mean anything.
  package var warnings: [String] = []

  /// The defaults.
  package init() {}
}

/// The severities of syslog, `LOG_EMERG` to `LOG_DEBUG`: the lower, the graver.
package enum LogLevel: Int, Hashable, Sendable, CaseIterable, Comparable {
  case emergency
  case alert
  case critical
  case error
  case warning
  case notice
  case info
  case debug

  /// A name of syslog, long or short, in any case, or a number from 0 to 7.
  package init?(_ text: String) {
    let name = text.lowercased()
    if let number = Int(name), name.utf8.count == 1 {
      self.init(rawValue: number)
      return
    }
    switch name {
    case "emerg", "emergency", "panic": self = .emergency
    case "alert": self = .alert
    case "crit", "critical", "fatal": self = .critical
    case "err", "error": self = .error
    case "warn", "warning": self = .warning
    case "notice": self = .notice
    case "info", "information", "informational": self = .info
    case "debug", "trace": self = .debug
    default: return nil
    }
  }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension LogLevel: CustomStringConvertible {
  package var description: String {
    switch self {
    case .emergency: "emerg"
    case .critical: "crit"
    case .error: "err"
    case .alert: "alert"
    case .warning: "warning"
    case .notice: "notice"
    case .info: "info"
    case .debug: "debug"
    }
  }
}
