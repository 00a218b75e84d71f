import Netlink
import Testing

/// What ``MessageWriter`` writes, ``Messages`` and ``Attributes`` read; and they read nothing else.
@Suite struct FramingTests {
  @Test func everyLengthIsPatchedAndEverythingIsAligned() {
    var writer = MessageWriter()
    writer.message(type: 0x10, flags: [.request, .create], sequence: 7, port: 9) {
      $0.be16(0x1234)
      $0.pad()
      $0.attribute(1, UInt8(0xff))
      $0.nested(2) {
        $0.attribute(3)
        $0.attribute(4, string: "eth0")
      }
      $0.attribute(5, bigEndian: UInt32(0x0a00_0001))
    }
    #expect(
      writer.bytes == [
        0x38, 0, 0, 0, 0x10, 0, 0x01, 0x04, 7, 0, 0, 0, 9, 0, 0, 0,  // nlmsghdr
        0x12, 0x34, 0, 0,  // the fixed header, padded
        5, 0, 1, 0, 0xff, 0, 0, 0,  // a byte, padded
        0x14, 0, 2, 0x80,  // nested
        4, 0, 3, 0,  // without a value
        9, 0, 4, 0, 0x65, 0x74, 0x68, 0x30, 0, 0, 0, 0,  // "eth0" with its NUL
        8, 0, 5, 0, 10, 0, 0, 1,  // network byte order
      ])
  }

  @Test func everyValueIsReadBack() throws {
    var writer = MessageWriter()
    writer.attribute(1, UInt8(1))
    writer.attribute(2, UInt16(2))
    writer.attribute(3, UInt32(3))
    writer.attribute(4, UInt64(4))
    writer.attribute(5, Int32(-5))
    writer.attribute(6, bigEndian: UInt16(6))
    writer.attribute(7, bigEndian: UInt32(7))
    writer.attribute(8, bigEndian: UInt64(8))
    writer.attribute(9, bigEndian: UInt128(9))
    writer.attribute(10, bytes: [1, 2, 3])
    writer.attribute(11, string: "Grüße")
    writer.nested(12) { $0.attribute(13, UInt8(13)) }
    let attributes = Attributes(writer.bytes[...])
    #expect(attributes.isWellFormed)
    #expect(attributes.map(\.type) == Array(1...12))
    #expect(attributes[1]?.uint8 == 1 && attributes[2]?.uint16 == 2 && attributes[3]?.uint32 == 3)
    #expect(attributes[4]?.uint64 == 4 && attributes[5]?.int32 == -5 && attributes[6]?.bigEndian16 == 6)
    #expect(attributes[7]?.bigEndian32 == 7 && attributes[8]?.bigEndian64 == 8)
    #expect(attributes[9]?.bytes == Array(repeating: 0, count: 15) + [9])
    #expect(attributes[10]?.bytes == [1, 2, 3] && attributes[11]?.string == "Grüße")
    #expect(attributes[12]?.nested[13]?.uint8 == 13)
    #expect(attributes[14] == nil)
    // A value shorter than the number asked for is none.
    #expect(attributes[1]?.uint16 == nil && attributes[10]?.uint32 == nil && attributes[12]?.uint8 == 5)
  }

  /// Whatever the bytes: reading ends, and returns only slices of them.
  @Test(
    arguments: [
      [], [4], [4, 0, 1], [0, 0, 1, 0], [3, 0, 1, 0], [5, 0, 1, 0], [0xff, 0xff, 1, 0, 0, 0],
      [4, 0, 1, 0, 0, 0, 0, 0], [8, 0, 1, 0, 0, 0, 0],
    ] as [[UInt8]])
  func brokenAttributesEnd(_ bytes: [UInt8]) {
    let attributes = Attributes(bytes[...])
    #expect(attributes.reduce(0) { $0 + 4 + $1.payload.count } <= bytes.count)
    #expect(attributes.isWellFormed == bytes.isEmpty)
  }

  @Test func theLastAttributesPaddingMayBeMissing() {
    let attributes = Attributes([5, 0, 1, 0, 42])
    #expect(attributes.isWellFormed && attributes[1]?.uint8 == 42)
  }

  @Test func randomBytesAreReadWithoutHarm() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5000 {
      // Small numbers, so that many lengths are possible.
      let bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in UInt8.random(in: 0..<24, using: &random) }
      for attribute in Attributes(bytes[...]) {
        #expect(attribute.payload.count <= bytes.count, "\(bytes)")
        for inner in attribute.nested { #expect(inner.payload.count < attribute.payload.count, "\(bytes)") }
      }
      for message in Messages(bytes[...]) { #expect(message.payload.count <= bytes.count - 16, "\(bytes)") }
    }
  }

  @Test func aSliceFromTheMiddleIsReadFromItsStart() {
    let bytes: [UInt8] = [9, 9, 9, 8, 0, 1, 0, 1, 2, 3, 4]
    #expect(Attributes(bytes[3...])[1]?.uint32 == 0x0403_0201)
    #expect(bytes[3...].number(at: 5) == UInt16(0x0302))
    #expect(bytes[3...].number(at: 7) == UInt16?.none)
    #expect(bytes[3...].number(at: -1) == UInt8?.none)
  }

  @Test func anAttributeTooLongForItsLengthIsMarked() {
    var writer = MessageWriter()
    writer.attribute(1, bytes: [UInt8](repeating: 0, count: 65531))
    #expect(!writer.isOversized)
    writer.attribute(1, bytes: [UInt8](repeating: 0, count: 65532))
    #expect(writer.isOversized)
    let connection = Connection(FakeKernel())
    #expect(throws: NetlinkError.self) {
      try connection.perform("add too much", type: 16) {
        $0.attribute(1, bytes: [UInt8](repeating: 0, count: 65532))
      }
    }
  }
}
