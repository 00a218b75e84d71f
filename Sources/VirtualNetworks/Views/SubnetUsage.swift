package import ContrailIPAM
internal import JSON

extension APIObject {
  /// The subnet with how full it is, which is not stored: `allocationUsage` and `ipCount` of its `status`.
  package func showing(_ usage: Usage) -> APIObject {
    var subnet = self
    subnet.status["allocationUsage"] = .string(usage.description)
    subnet.status["ipCount"] = Int64(exactly: usage.ipCount).map { .integer($0) } ?? .string("\(usage.ipCount)")
    subnet.status = subnet.status.sorted
    return subnet
  }

  /// What the `spec` of a stored Subnet says; `nil` for anything else.
  package var subnet: Subnet? {
    guard kind == .subnet, case .string(let cidr)? = spec["cidr"] else { return nil }
    return try? Subnet(parsing: cidr, gateway: spec["defaultGateway"]?.string)
  }
}
