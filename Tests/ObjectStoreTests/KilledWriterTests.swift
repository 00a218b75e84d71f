import Glibc
import LinuxSystem
import NetworkAddresses
import ObjectStore
import SQLite
import Testing

/// A writer that is killed at any moment loses nothing that it committed, and leaves nothing half done.
@Suite(.serialized) struct KilledWriterTests {
  @Test func killedAtRandomMoments() async throws {
    let test = TestStore()
    var hotJournals = 0
    var last: Int64 = 0
    // So many, and on a slow machine more until the kills have come at the moments that this is about.
    var round = 0
    while round < 60 || round < 1000 && (hotJournals == 0 || last <= 10) {
      round += 1
      await #expect(processExitsWith: .signal(SIGKILL)) { [directory = test.directory as String] in
        let store = AttachmentStore(
          runDirectory: directory, note: "writer", lockTimeout: 5_000_000_000, epoch: TestStore.epoch,
          namespaceExists: { _ in true })
        killThisProcess(afterMicroseconds: .random(in: 500...15_000))
        while true {
          // Two tables that must agree: as many instances as attachments, and the number of the round in an event.
          try store.transaction { (transaction) throws in
            let number = try transaction.events().last.map { $0.time + 1 } ?? 1
            for index in 0..<20 {
              try transaction.record(attachment("c\(number)-\(index)", interfaces: [1, 2]))
              try transaction.record(InstanceRecord(name: "i/\(number)-\(index)"))
              if number > 3 {
                try transaction.removeAttachment(containerID: "c\(number - 3)-\(index)", interfaceName: "eth0")
                try transaction.removeInstance("i/\(number - 3)-\(index)")
              }
            }
            try transaction.record(event(Int(number)))
          }
        }
      }
      if isHot(test.path + "-journal") { hotJournals += 1 }
      try test.open().transaction { (transaction) throws in
        let attachments = try transaction.attachments(networkName: "net")
        #expect(try attachments.count == transaction.instances().count, "round \(round)")
        #expect(attachments.allSatisfy { $0.interfaces.count == 2 })
        #expect(attachments.count % 20 == 0 && attachments.count <= 60)
        let events = try transaction.events()
        #expect(events.map(\.time) == (events.first.map { Array($0.time..<$0.time + UInt64(events.count)) } ?? []))
        // What was committed before the last kill is still there.
        #expect(Int64(events.last?.time ?? 0) >= last)
        last = Int64(events.last?.time ?? 0)
      }
      let check = try test.connect().prepare("PRAGMA integrity_check")
      try check.step()
      #expect(check.text(0) == "ok")
    }
    print("\(round) kills of a writer left \(hotJournals) hot journals; \(last) transactions were committed")
    #expect(hotJournals > 0 && last > 10, "the kills came at other moments than they should")
  }
}

/// A journal with a header is one that the next opening rolls back.
private func isHot(_ path: String) -> Bool {
  guard let header = try? readFile(path, limit: 64 << 20).prefix(8) else { return false }
  return header.elementsEqual([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7])
}

private func killThisProcess(afterMicroseconds delay: UInt32) {
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { delay in
      usleep(UInt32(UInt(bitPattern: delay)))
      kill(getpid(), SIGKILL)
      return nil
    }, UnsafeMutableRawPointer(bitPattern: UInt(delay)))
}
