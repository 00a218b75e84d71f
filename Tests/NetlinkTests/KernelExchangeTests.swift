import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import Netlink
import Testing

/// The real kernel answers as ``FakeKernel`` does; each test has a network namespace of its own.
@Suite struct KernelExchangeTests {
  @Test func aBatchIsCarriedOutInOrderAndGoesOnAfterAnError() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let connection = Connection(try NetlinkSocket(.route))
      var batch = Batch()
      addBridge("br0", to: &batch)
      addBridge("br0", to: &batch)
      getLink("br0", to: &batch)
      addBridge("br1", to: &batch)
      let outcomes = try connection.outcomes(of: batch)
      try require(outcomes[0].error == nil)
      try require(outcomes[1].error?.errno == .exists)
      try require(outcomes[1].error?.index == 1)
      try require(outcomes[1].error?.operation == "create br0")
      try require(outcomes[2].replies.count == 1)
      try require(outcomes[2].replies[0].type == UInt16(RTM_NEWLINK))
      try require(outcomes[3].error == nil && outcomes[3].replies.isEmpty)
      try require(names(try dumpLinks(connection)) == ["br0", "br1", "lo"])
    }
  }

  @Test func theKernelsExplanationIsInTheError() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let connection = Connection(try NetlinkSocket(.route))
      do {
        try connection.perform("create odd0", type: UInt16(RTM_NEWLINK), flags: [.create, .exclusive]) {
          writeHeader(&$0)
          $0.attribute(UInt16(IFLA_IFNAME), string: "odd0")
          $0.nested(UInt16(IFLA_LINKINFO)) { $0.attribute(UInt16(IFLA_INFO_KIND), string: "no-such-kind") }
        }
        throw Failure()
      } catch let error as NetlinkError {
        try require(error.errno == .notSupported)
        try require(error.kernelMessage == "Unknown device type")
        try require(error.description == "create odd0: Operation not supported (the kernel: Unknown device type)")
      }
    }
  }

  @Test func aConnectionServesManyExchanges() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let connection = Connection(try NetlinkSocket(.route))
      for number in 0..<300 {
        var batch = Batch()
        addBridge("b\(number)", to: &batch)
        getLink("b\(number)", to: &batch)
        try require(try connection.perform(batch)[1].replies.count == 1)
      }
      try require(try dumpLinks(connection).count == 301)
    }
  }

  @Test func aHugeBatchOfFailuresLosesNoAnswer() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let connection = Connection(try NetlinkSocket(.route))
      var batch = Batch()
      for _ in 0..<4000 { addBridge("lo", to: &batch) }
      let outcomes = try connection.outcomes(of: batch)
      try require(outcomes.count == 4000 && outcomes.allSatisfy { $0.error?.errno == .exists })
    }
  }
}

struct Failure: Error {}

func writeHeader(_ writer: inout MessageWriter) {
  writer.u32(0)
  writer.i32(0)
  writer.u32(0)
  writer.u32(0)
}

func addBridge(_ name: String, to batch: inout Batch) {
  batch.add("create \(name)", type: UInt16(RTM_NEWLINK), flags: [.create, .exclusive]) {
    writeHeader(&$0)
    $0.attribute(UInt16(IFLA_IFNAME), string: name)
    $0.nested(UInt16(IFLA_LINKINFO)) { $0.attribute(UInt16(IFLA_INFO_KIND), string: "bridge") }
  }
}

func getLink(_ name: String, to batch: inout Batch) {
  batch.add("read \(name)", type: UInt16(RTM_GETLINK), answer: .reply) {
    writeHeader(&$0)
    $0.attribute(UInt16(IFLA_IFNAME), string: name)
  }
}

func dumpLinks(_ connection: Connection) throws(NetlinkError) -> [Message] {
  try connection.dump("list links", type: UInt16(RTM_GETLINK)) { writeHeader(&$0) }
}

func names(_ links: [Message]) -> [String] {
  links.compactMap { Attributes($0.payload, afterHeader: 16)[UInt16(IFLA_IFNAME)]?.string }.sorted()
}
