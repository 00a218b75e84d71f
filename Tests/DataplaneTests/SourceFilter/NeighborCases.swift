import NetworkAddresses

extension SourceFilterCases {
  /// Neighbour discovery.
  static let neighborDiscovery: [Case] = [
    ("solicitation", neighbor(135, local, target: other6, sourceOption(mac)), true),
    ("solicitation from the global address", neighbor(135, global, target: other6, sourceOption(mac)), true),
    ("solicitation without option", neighbor(135, global, target: other6), true),
    ("solicitation from a foreign address without option", neighbor(135, other6, target: global), false),
    ("solicitation from the virtual address with own MAC", neighbor(135, virtual6, target: other6), true),
    ("solicitation with a foreign MAC", neighbor(135, global, target: other6, sourceOption(otherMAC)), false),
    ("solicitation from a foreign address", neighbor(135, other6, target: global, sourceOption(mac)), false),
    (
      "solicitation with the foreign MAC second", neighbor(135, global, target: other6, nonce + sourceOption(otherMAC)),
      false
    ),
    (
      "solicitation with both", neighbor(135, global, target: other6, sourceOption(mac) + sourceOption(otherMAC)), false
    ),
    ("solicitation with the wrong option", neighbor(135, global, target: other6, targetOption(mac)), false),
    (
      "solicitation with a longer option",
      neighbor(135, global, target: other6, [1, 2] + mac.bytes + [UInt8](repeating: 0, count: 8)), false
    ),
    (
      "solicitation with padding after the packet",
      neighbor(135, global, target: other6, sourceOption(mac)) + [0, 0, 0, 0], true
    ),
    ("virtual solicitation", neighbor(135, virtual6, mac: virtualMAC, target: other6, sourceOption(virtualMAC)), true),
    ("own address with the virtual MAC", neighbor(135, global, target: other6, sourceOption(virtualMAC)), false),
    ("duplicate address detection", neighbor(135, none6, target: global), true),
    ("duplicate address detection with nonce", neighbor(135, none6, target: local, nonce), true),
    ("duplicate address detection of the virtual address", neighbor(135, none6, target: virtual6), true),
    ("duplicate address detection of a foreign address", neighbor(135, none6, target: other6), false),
    ("duplicate address detection with a MAC", neighbor(135, none6, target: global, sourceOption(mac)), false),
    ("advertisement", neighbor(136, local, target: local, targetOption(mac)), true),
    ("advertisement of the global address", neighbor(136, local, target: global, targetOption(mac)), true),
    ("advertisement without option", neighbor(136, global, target: global), true),
    ("advertisement with the wrong option", neighbor(136, local, target: local, sourceOption(mac)), false),
    ("virtual advertisement without option", neighbor(136, local, target: virtual6), true),
    ("advertisement of a foreign target", neighbor(136, local, target: other6, targetOption(mac)), false),
    ("advertisement of a foreign target without option", neighbor(136, local, target: other6), false),
    ("advertisement with a foreign MAC", neighbor(136, local, target: local, targetOption(otherMAC)), false),
    ("advertisement from a foreign address", neighbor(136, other6, target: local, targetOption(mac)), false),
    (
      "advertisement with the foreign MAC second",
      neighbor(136, local, target: local, targetOption(mac) + targetOption(otherMAC)), false
    ),
    ("solicitation from a single address of a pair", neighbor(135, host6, target: other6, sourceOption(mac)), true),
    ("the same without option", neighbor(135, host6, target: other6), true),
    ("duplicate address detection of a single address", neighbor(135, none6, target: host6), true),
    ("advertisement of a single address", neighbor(136, local, target: host6, targetOption(mac)), true),
    ("advertisement of what several have", neighbor(136, local, target: shared6, targetOption(mac)), true),
    (
      "advertisement of a virtual address from a foreign one",
      neighbor(136, other6, target: virtual6, targetOption(mac)), false
    ),
    ("advertisement from none", neighbor(136, none6, target: local, targetOption(mac)), false),
    ("virtual advertisement", neighbor(136, local, target: virtual6, targetOption(mac)), true),
    (
      "virtual advertisement with virtual MAC",
      neighbor(136, virtual6, mac: virtualMAC, target: virtual6, targetOption(virtualMAC)), true
    ),
    ("own target with the virtual MAC", neighbor(136, local, target: global, targetOption(virtualMAC)), false),
  ]
}
