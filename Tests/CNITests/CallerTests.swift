import CNI
import Glibc
import JSON
import NetworkAddresses
import Testing

/// Calls of real runtimes, captured with environment and standard input.
struct CapturedCall: CustomTestStringConvertible, Sendable {
  let name: String
  let environment: JSONObject
  let input: JSONValue

  var testDescription: String { name }

  static let all: [CapturedCall] = {
    let directory =
      #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 }
      + "/PluginTests/Fixtures/callers"
    return entries(directory).map { name in
      let call = try? JSONValue(parsing: contents("\(directory)/\(name)")).object
      return CapturedCall(name: name, environment: call?["environment"]?.object ?? [:], input: call?["stdin"] ?? nil)
    }
  }()

  private static func entries(_ directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".json") { names.append(name) }
    }
    return names.sorted()
  }

  private static func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
  }
}

/// What containerd, CRI-O, podman and Multus send is understood in full.
@Suite struct CallerTests {
  @Test func allAreThere() { #expect(CapturedCall.all.count == 27) }

  @Test(arguments: CapturedCall.all) func understood(call: CapturedCall) throws {
    let environment = try #require(try Environment { call.environment[$0]?.string })
    #expect(call.name.contains(".\(environment.verb)"))
    if environment.verb == .version { return }

    let read = try NetworkConfiguration(parsing: Array(call.input.text().utf8))
    try read.version.require(environment.verb)
    #expect(try (read.previousResult() != nil) == call.name.contains("prevResult"))
    #expect(try (read.validAttachments() != nil) == (environment.verb == .collectGarbage))
    #expect(try read.capabilities().contains(RuntimeConfig.podAnnotationsKey))

    let runtime = try read.runtimeConfig()
    _ = (try runtime.portMappings(), try runtime.bandwidth(), try runtime.ipRanges(), try runtime.aliases())
    _ = (try runtime.cgroupPath(), try runtime.dns())
    let isAboutPod = [.add, .delete, .check].contains(environment.verb)
    let passesAnnotations = isAboutPod && !call.name.hasPrefix("podman") && !call.name.hasPrefix("multus")
    let networks = try runtime.podAnnotations()?["k8s.v1.cni.cncf.io/networks"]
    if passesAnnotations { #expect(networks == #"[{"name":"net1"}]"#) }

    let mac = try read.requestedMAC(environment.arguments)
    let addresses = try read.requestedAddresses(environment.arguments)
    if call.name.hasPrefix("podman") {
      #expect(mac == MACAddress("02:11:22:33:44:55"))
      #expect(addresses == [RequestedAddress("10.251.0.77")])
    }
    if isAboutPod { #expect(environment.arguments["K8S_POD_NAME"] != nil) }
  }
}
