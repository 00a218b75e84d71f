import NetworkAttachments
import Testing

/// Interfaces are numbered in the order of the list; one that is named takes no number away; no two have one name.
@Suite struct InterfaceNamesTests {
  static let cases: [(String, String, [String])] = [
    ("", "eth0", []), ("a", "eth0", ["eth1"]), ("a,b,a", "eth0", ["eth1", "eth2", "eth3"]),
    ("a,b@x1,a", "eth0", ["eth1", "x1", "eth2"]), ("a@x,b@y,c", "eth0", ["x", "y", "eth1"]),
    ("a@eth7,b", "eth0", ["eth7", "eth1"]), ("a,b", "eth1", ["eth2", "eth3"]), ("a@eth0", "net0", ["eth0"]),
    ("a,b@eth2", "eth0", ["eth1", "eth2"]),
  ]

  @Test(arguments: cases) func names(text: String, standard: String, names: [String]) throws {
    let selection = try select(text)
    #expect(try selection.assignInterfaceNames(default: standard) == names)
  }

  static let clashes: [(String, String, String, String)] = [
    ("a@eth0", "eth0", "[0] (a): interface: \"eth0\"", "the default network's interface"),
    ("a,b@lo", "eth0", "[1] (b): interface: \"lo\"", "the loopback interface"),
    ("a@x,b@y,c@x", "eth0", "[2] (c): interface: \"x\"", "[0] (a)"),
    ("a,b@eth1", "eth0", "[1] (b): interface: \"eth1\"", "[0] (a)"),
    ("a@eth2,b,ns/c", "eth0", "[0] (a): interface: \"eth2\"", "[2] (ns/c)"),
    ("a,a@eth1", "eth0", "[1] (a): interface: \"eth1\"", "[0] (a)"),
  ]

  /// The error is about the name that somebody wrote, and names the other one too.
  @Test(arguments: clashes) func clash(text: String, standard: String, message: String, other: String) throws {
    let selection = try select(text)
    let error = try #require(throws: NetworkSelectionError.self) {
      try selection.assignInterfaceNames(default: standard)
    }
    #expect(error.message == "annotation k8s.v1.cni.cncf.io/networks\(message) is not valid")
    #expect(error.hint.contains(other))
  }

  /// Names of 15 bytes are told apart by each of their bytes.
  @Test func longNames() throws {
    let names = (0..<15).map { place in
      String(decoding: (0..<15).map { $0 == place ? UInt8(ascii: "x") : UInt8(ascii: "a") }, as: UTF8.self)
    }
    let selection = try select(names.map { "n@\($0)" }.joined(separator: ","))
    #expect(try selection.assignInterfaceNames() == names)
  }
}
