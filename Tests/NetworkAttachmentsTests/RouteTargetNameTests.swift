import NetworkAttachments
import Testing

/// A route target has three spellings, each of which can be read back from its parts, and takes eight octets.
@Suite struct RouteTargetNameTests {
  static let targets = [
    "23:4561", "10.1.1.1:561", "64512:8000009", "65535:4294967295", "65536:65535", "4294967295:0", "1:0",
    "255.255.255.255:65535",
  ]

  @Test(arguments: targets) func spellings(short: String) throws {
    let target = try #require(RouteTargetName("target:" + short))
    let objectName = "target-" + short.split(separator: ":").joined(separator: "-")
    #expect(target.description == "target:" + short)
    #expect(target.shortText == short)
    #expect(target.objectName == objectName)
    #expect(RouteTargetName(objectName: objectName) == target)
    #expect(RouteTargetName(target.administrator, target.number) == target)
  }

  @Test(arguments: [
    "", "target", "target:1", "1:1", "target:1:2:3", "Target:1:1", "target:0:1", "target:01:1", "target:1:01",
    "target:1:4294967296", "target:65536:65536", "target:4294967296:1", "target:10.1.1.1:65536", "target:10.1.1:1",
    "target:+1:1", "target:1:-1", "target::1", "target:1:", "target-1-1", "target: 1:1",
    "target:99999999999999999999:1",
  ]) func refused(text: String) {
    #expect(RouteTargetName(text) == nil)
  }
}
