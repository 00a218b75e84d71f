import LinuxSystem
import Netlink
import Testing

/// The example of the documentation's article on testing.
@Test func testingArticle() throws {
  var printed: [String] = []
  func print(_ error: NetlinkError) { printed.append("\(error)") }

  let kernel = FakeKernel()
  kernel.fail(request: 2, with: .exists, message: "it is there")
  var batch = Batch()
  batch.add("first step", type: 100) { $0.u32(1) }
  batch.add("second step", type: 101) { $0.u32(2) }
  do {
    try Connection(kernel).perform(batch)
  } catch {
    print(error)  // second step: File exists (the kernel: it is there)
  }

  #expect(printed == ["second step: File exists (the kernel: it is there)"])
}
