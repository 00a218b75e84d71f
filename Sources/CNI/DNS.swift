package import JSON

/// DNS settings: `dns` of results, configurations and `runtimeConfig`, where `servers` and `searches` are other names.
package struct DNS: Hashable, Sendable {
  package var nameservers: [String] = []
  package var domain = ""
  package var search: [String] = []
  package var options: [String] = []

  package init(nameservers: [String] = [], domain: String = "", search: [String] = [], options: [String] = []) {
    self.nameservers = nameservers
    self.domain = domain
    self.search = search
    self.options = options
  }

  package init(decoding field: JSONField) throws(JSONFieldError) {
    func strings(_ key: String) throws(JSONFieldError) -> [String] {
      try field.member(ignoringCase: key).strings() ?? []
    }
    nameservers = try strings("nameservers") + strings("servers")
    domain = try field.member(ignoringCase: "domain").string() ?? ""
    search = try strings("search") + strings("searches")
    options = try strings("options")
  }

  package var isEmpty: Bool { nameservers.isEmpty && domain.isEmpty && search.isEmpty && options.isEmpty }

  /// The `dns` object of a result.
  var json: JSONValue {
    func array(_ strings: [String]) -> JSONValue? { strings.isEmpty ? nil : .array(strings.map { .string($0) }) }
    var object = JSONObject()
    object["nameservers"] = array(nameservers)
    object["domain"] = domain.isEmpty ? nil : .string(domain)
    object["search"] = array(search)
    object["options"] = array(options)
    return .object(object)
  }
}
