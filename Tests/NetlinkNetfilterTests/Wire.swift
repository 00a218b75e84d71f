import CLinux
import Glibc
import NetworkAddresses
import Testing

/// A bridge with two ports: frames are put onto the wire of one and looked for on the other's.
///
/// `pod1` is the other end of port `vmi1`, `pod2` of `vmi2`. Nobody else speaks.
struct Wire {
  let sender: Int32
  let receiver: Int32
  /// Makes frames that always pass; when one it arrives, what was sent before it has arrived or never will.
  private let marker: (UInt8) -> [UInt8]
  private var count: UInt8 = 0

  init(marker: @escaping (UInt8) -> [UInt8]) {
    // No interface gets an address, so none has anything to say.
    for device in ["all", "default"] { writeFile("/proc/sys/net/ipv6/conf/\(device)/addr_gen_mode", "1") }
    run(
      "ip", "-batch", "-",
      input: """
        link add br0 type bridge forward_delay 0 mcast_snooping 0
        link add vmi1 type veth peer name pod1
        link add vmi2 type veth peer name pod2
        link set vmi1 master br0 up
        link set vmi2 master br0 up
        link set pod1 up
        link set pod2 up
        link set br0 up

        """)
    sender = Wire.open("pod1")
    receiver = Wire.open("pod2")
    self.marker = marker
    // The ports take a moment to come up.
    while awaitMarker(milliseconds: 10) == nil {}
  }

  /// Whether the frame arrives at the other port.
  mutating func passes(_ frame: [UInt8]) -> Bool {
    put(frame)
    guard let before = awaitMarker() else {
      Issue.record("the marker did not arrive")
      return false
    }
    return before > 0
  }

  /// Sends the next marker and waits for it.
  ///
  /// - Returns: The number of frames that arrived before it; `nil` where it did not come.
  private mutating func awaitMarker(milliseconds: Int32 = 1000) -> Int? {
    count += 1
    let marker = marker(count)
    put(marker)
    var others = 0
    while let received = next(milliseconds) {
      if received == marker { return others }
      others += 1
    }
    return nil
  }

  func put(_ frame: [UInt8]) {
    if send(sender, frame, frame.count, 0) != frame.count { Issue.record("send: \(errno)") }
  }

  /// The next frame that arrives at `pod2` in time.
  private func next(_ milliseconds: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var waiting = pollfd(fd: receiver, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) == 1 else { return nil }
    let count = recv(receiver, &buffer, buffer.count, 0)
    return count < 0 ? nil : Array(buffer[..<count])
  }

  /// A socket for whole frames of all types on the interface.
  private static func open(_ name: String) -> Int32 {
    let everything = UInt16(0x0003).bigEndian
    let number = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), Int32(everything))
    var address = PacketAddress(index: Int32(if_nametoindex(name)), ethertype: everything)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<PacketAddress>.size))
      }
    }
    precondition(number >= 0 && status == 0, "packet socket on \(name)")
    return number
  }
}

/// The corresponding C type is `struct sockaddr_ll`.
private struct PacketAddress {
  var family = UInt16(AF_PACKET)
  var ethertype: UInt16
  var index: Int32
  var rest: (UInt32, UInt64) = (0, 0)

  init(index: Int32, ethertype: UInt16) {
    self.index = index
    self.ethertype = ethertype
  }
}

func writeFile(_ path: String, _ text: String) {
  let file = open(path, O_WRONLY)
  if file < 0 || write(file, text, text.utf8.count) < 0 { Issue.record("\(path): \(errno)") }
  close(file)
}
