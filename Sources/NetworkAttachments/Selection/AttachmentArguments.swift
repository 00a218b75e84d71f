package import CNI
internal import JSON

/// Contrail's keys of `cni-args`.
enum ArgumentKey {
  static let allowedAddressPairs = "net.juniper.contrail.allowedAddressPairs"
  /// The interface of which this one is to be a VLAN.
  static let interfaceGroup = "net.juniper.contrail.interfacegroup"
  static let vlan = "net.juniper.contrail.vlan"
}

/// A key that can only mean pairs: a pod must not start without them because of a typing error.
private func isMisspeltPairs(_ key: String) -> Bool {
  let letters = key.utf8.filter { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a }.map { $0 | 0x20 }
  let meant = Array("allowedaddresspair".utf8)
  guard letters.count >= meant.count else { return false }
  return (0...(letters.count - meant.count)).contains { letters[$0...].starts(with: meant) }
}

extension NetworkSelectionElement {
  /// Reads `cni-args`: an object, of which nothing but Contrail's keys means anything here.
  mutating func readArguments(_ field: JSONField) throws(JSONFieldError) {
    arguments = try field.object() ?? JSONObject()
    for member in try field.members() ?? [] where !member.isAbsent {
      switch member.lastKey {
      case ArgumentKey.allowedAddressPairs: allowedAddressPairs = try member.allowedAddressPairs()
      case ArgumentKey.interfaceGroup, ArgumentKey.vlan:
        refuse(member, "VLAN sub-interfaces need the kernel's 8021q module, which this version does not use")
      default:
        guard !isMisspeltPairs(member.lastKey) else {
          throw member.error(expected: "the key \(ArgumentKey.allowedAddressPairs)")
        }
        unhandledArguments.append(member.lastKey)
      }
    }
  }
}

extension NetworkConfiguration {
  /// The allowed address pairs of the interface that a call makes: a meta-plugin passes a selection's `cni-args` on as
  /// `args.cni`, where other plugins of the chain have their keys too.
  package func allowedAddressPairs() throws(CNIError) -> [AllowedAddressPair] {
    var element = NetworkSelectionElement(index: 0, network: .named(name, namespace: nil))
    do {
      try element.readArguments(field.member("args").member("cni"))
    } catch {
      throw CNIError(error)
    }
    if let request = element.unsupported.first {
      throw CNIError(.unsupportedField, "\(request.key): \(request.value) cannot be honoured", request.reason)
    }
    return element.allowedAddressPairs
  }
}
