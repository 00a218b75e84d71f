import JSON
import NetworkAddresses
import NetworkAttachments
import Testing

private func pairs(_ value: String) throws(NetworkSelectionError) -> [AllowedAddressPair] {
  let key = "net.juniper.contrail.allowedAddressPairs"
  return try select(#"[{"name":"a","cni-args":{"\#(key)":\#(value)}}]"#).elements[0].allowedAddressPairs
}

/// A pair is an address or a prefix, perhaps a MAC address, and a mode; the list may be a text that holds a list.
@Suite struct AllowedAddressPairTests {
  static let cases: [(String, String, String?, AllowedAddressPair.AddressMode)] = [
    (#"{"ip":"10.0.0.9"}"#, "10.0.0.9/32", nil, .activeStandby),
    (#"{"ip":"2001:db8::9","mac":""}"#, "2001:db8::9/128", nil, .activeStandby),
    (#"{"ip":"10.0.0.0/24","addressMode":""}"#, "10.0.0.0/24", nil, .activeStandby),
    (#"{"ip":"10.0.0.0/23","addressMode":"active-active"}"#, "10.0.0.0/23", nil, .activeActive),
    (#"{"ip":"0.0.0.0/0","addressMode":"active/active"}"#, "0.0.0.0/0", nil, .activeActive),
    (#"{"ip":"fd00::/120","addressMode":"active/standby"}"#, "fd00::/120", nil, .activeStandby),
    (
      #"{"ip":"1.1.1.1","mac":"00:00:5e:00:01:01","addressMode":"active-standby"}"#, "1.1.1.1/32", "00:00:5e:00:01:01",
      .activeStandby
    ),
    (#"{"ip":{"ipPrefix":"10.1.2.0","ipPrefixLen":24}}"#, "10.1.2.0/24", nil, .activeStandby),
    (#"{"ip":{"ipPrefix":"fd00::1"}}"#, "fd00::1/128", nil, .activeStandby),
  ]

  @Test(arguments: cases) func pair(text: String, prefix: String, mac: String?, mode: AllowedAddressPair.AddressMode)
    throws
  {
    for list in ["[\(text)]", JSONValue.string("[\(text)]").text()] {
      let pair = try #require(try pairs(list).first)
      #expect(pair.prefix.description == prefix)
      #expect(pair.mac?.description == mac)
      #expect(pair.mode == mode)
    }
  }

  @Test(arguments: ["[]", #""""#, #""[]""#, "null"]) func none(text: String) throws {
    #expect(try pairs(text).isEmpty)
  }

  static let errors: [(String, String, String)] = [
    (#"{"ip":"10.0.0.0/23"}"#, "[0].ip: \"10.0.0.0/23\"", "/24 or longer"),
    (#"{"ip":"fd00::/119"}"#, "[0].ip: \"fd00::/119\"", "/120 or longer"),
    (#"{"ip":"10.0.0.5/24"}"#, "[0].ip: \"10.0.0.5/24\"", "10.0.0.0/24"), ("{}", "[0].ip: null", "an IP address"),
    (#"{"ip":{"ipPrefix":"10.0.0.0","ipPrefixLen":33}}"#, "[0].ip.ipPrefixLen: 33", "0 to 32"),
    (#"{"ip":{"ipPrefix":"10.0.0.1","ipPrefixLen":24}}"#, "[0].ip: \"10.0.0.1/24\"", "10.0.0.0/24"),
    (#"{"ip":"1.1.1.1","addressMode":"both"}"#, "[0].addressMode: \"both\"", "active-active or active-standby"),
    (#"{"ip":"1.1.1.1","mac":"x"}"#, "[0].mac: \"x\"", "six octets"), ("7", "[0]: 7", "an object"),
    (#"{"ip":"1.1.1.1","Ip":"2.2.2.2"}"#, "[0].Ip: \"2.2.2.2\"", "no such key"),
  ]

  @Test(arguments: errors) func error(text: String, message: String, hint: String) throws {
    for list in ["[\(text)]", JSONValue.string("[\(text)]").text()] {
      let error = try #require(throws: NetworkSelectionError.self) { try pairs(list) }
      #expect(
        error.message.contains("[0] (a): cni-args.net.juniper.contrail.allowedAddressPairs\(message) is not valid"))
      #expect(error.hint.contains(hint))
    }
  }

  @Test(arguments: ["7", #""{""#, #"{"ip":"1.1.1.1"}"#, #""{}""#]) func notAList(text: String) throws {
    let error = try #require(throws: NetworkSelectionError.self) { try pairs(text) }
    #expect(error.hint.contains("array"))
  }
}
