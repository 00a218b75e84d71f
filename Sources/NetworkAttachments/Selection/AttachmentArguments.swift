internal import JSON

/// Contrail's keys of `cni-args`.
enum ArgumentKey {
  static let allowedAddressPairs = "net.juniper.contrail.allowedAddressPairs"
  /// The interface of which this one is to be a VLAN.
  static let interfaceGroup = "net.juniper.contrail.interfacegroup"
  static let vlan = "net.juniper.contrail.vlan"
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
      default: unhandledArguments.append(member.lastKey)
      }
    }
  }
}
