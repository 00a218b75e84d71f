import CNI
import JSON
import Testing

/// Seven versions, in order, by their exact text.
@Suite struct VersionTests {
  static let texts = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]

  @Test func order() throws {
    #expect(CNIVersion.all.map(\.text) == Self.texts)
    #expect(CNIVersion.all.sorted() == CNIVersion.all)
    #expect(CNIVersion.implied.text == "0.1.0")
    #expect(CNIVersion.latest.text == "1.1.0")
    #expect(try #require(CNIVersion("0.4.0")) < #require(CNIVersion("1.0.0")))
  }

  @Test(arguments: ["", "1.0", "1.0.0 ", "v1.0.0", "1.2.0", "01.0.0"]) func unknown(text: String) {
    #expect(CNIVersion(text) == nil)
  }

  @Test(arguments: texts) func verbs(text: String) throws {
    let version = try #require(CNIVersion(text))
    let index = try #require(Self.texts.firstIndex(of: text))
    for verb in [Verb.add, .delete, .version] { try version.require(verb) }
    #expect(version.supports(.check) == (index >= 4))
    #expect(version.supports(.collectGarbage) == (index >= 6))
    #expect(version.supports(.status) == (index >= 6))
  }

  @Test func refusal() throws {
    let error = try #require(throws: CNIError.self) { try CNIVersion("0.3.1")?.require(.check) }
    #expect(error == CNIError(.incompatibleVersion, "cniVersion 0.3.1 has no CHECK", "CHECK needs 0.4.0 or newer"))
  }

  /// VERSION answers in the caller's version where it can, whatever its input.
  @Test(arguments: [
    ("", "1.1.0"), ("junk", "1.1.0"), ("[]", "1.1.0"), ("{}", "1.1.0"), (#"{"cniVersion":"0.4.0"}"#, "0.4.0"),
    (#"{"cniVersion":"9.9.9"}"#, "1.1.0"), (#"{"cniVersion":1}"#, "1.1.0"),
  ])
  func reply(input: String, version: String) {
    #expect(
      versionReply(input: Array(input.utf8)).text()
        == #"{"cniVersion":"\#(version)","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}"#
    )
  }

  /// Errors about input that cannot be served are told in the caller's version where that can be read.
  @Test(arguments: [
    ("", "1.1.0"), ("[]", "1.1.0"), ("{}", "0.1.0"), (#"{"cniVersion":"0.4.0"}"#, "0.4.0"),
    (#"{"cniVersion":"9.9.9"}"#, "1.1.0"), (#"{"cniVersion":1}"#, "1.1.0"),
  ])
  func errorVersion(input: String, version: String) {
    #expect(replyVersion(input: Array(input.utf8)).text == version)
  }

  @Test func about() {
    let text = aboutText(program: "contrail-k8s-cni", version: "1.2.3")
    #expect(text.hasPrefix("contrail-k8s-cni 1.2.3"))
    #expect(text.contains(Self.texts.joined(separator: ", ")))
    #expect(text.hasSuffix("\n"))
  }

  @Test func errorObject() throws {
    let version = try #require(CNIVersion("0.4.0"))
    #expect(
      CNIError(.tryAgainLater, "a \"b\"", "c").json(version: version).text()
        == #"{"cniVersion":"0.4.0","code":11,"msg":"a \"b\"","details":"c"}"#)
    #expect(CNIError(.ioFailure, "a").json(version: version).text() == #"{"cniVersion":"0.4.0","code":5,"msg":"a"}"#)
  }
}
