import CLinux
import Glibc
import KernelSandbox
import NetworkAddresses
import Testing

/// A bridge with three ports: frames are put onto the wire of one and looked for on another's.
///
/// `pod1` is the other end of port `vmi1`, `pod2` of `vmi2`. Nobody speaks unasked. Frames that mark time enter through
/// the third port, which no filter knows.
struct Wire {
  private let sender: Int32
  private let receiver: Int32
  private let timer: Int32
  private var count: UInt16 = 0

  init() {
    // Frames keep their order only while one processor handles them.
    Sandbox.run("taskset", "--all-tasks", "--pid", "1", "\(getpid())")
    // No interface gets an address, so none has anything to say.
    for device in ["all", "default"] { Sandbox.writeFile("/proc/sys/net/ipv6/conf/\(device)/addr_gen_mode", "1") }
    let ports = [("vmi1", "pod1"), ("vmi2", "pod2"), ("timer", "clock")].map { port, pod in
      """
      link add \(port) type veth peer name \(pod)
      link set \(port) master br0 up
      link set \(pod) up

      """
    }
    let bridge = "link add br0 type bridge forward_delay 0 mcast_snooping 0\nlink set br0 up\n"
    Sandbox.run("ip", "-batch", "-", input: bridge + ports.joined())
    sender = Wire.open("pod1")
    receiver = Wire.open("pod2")
    timer = Wire.open("clock")
    settle()
  }

  /// Waits for the ports, which take a moment to come up.
  mutating func settle() {
    let frame = Frame.ethernet(Wire.timerMAC, to: Wire.peer, 0x88b5, [UInt8](repeating: 0, count: 46))
    while arrival(of: frame, milliseconds: 10) == nil {}
  }

  /// Whether the frame arrives at the other port.
  mutating func passes(_ frame: [UInt8]) -> Bool { arrival(of: frame) != nil }

  /// The frame as it arrives at the other port, if it does.
  mutating func arrival(of frame: [UInt8], milliseconds: Int32 = 20_000) -> [UInt8]? {
    count += 1
    let marker = Frame.ethernet(
      Wire.timerMAC, to: Wire.peer, 0x88b6, Frame.be(count) + [UInt8](repeating: 0, count: 44))
    put(frame)
    put(marker, on: timer)
    var arrived: [UInt8]?
    while let received = next(milliseconds) {
      if received == marker { return arrived }
      arrived = arrived ?? received
    }
    if milliseconds == 20_000 { Issue.record("the marker did not arrive") }
    return nil
  }

  /// The MAC that the frame arrives with, after others.
  mutating func station(of frame: [UInt8], after others: [[UInt8]]) -> MACAddress? {
    for other in others { _ = arrival(of: other) }
    return arrival(of: frame).flatMap { MACAddress(bytes: $0.prefix(6)) }
  }

  /// Has the bridge forget where the sender is, so that also what is sent to it arrives.
  func forgetSender() {
    Sandbox.run("bridge", "link", "set", "dev", "vmi1", "learning", "off")
    Sandbox.run("ip", "link", "set", "vmi1", "type", "bridge_slave", "fdb_flush")
  }

  /// Puts the frame onto the wire of `vmi1`.
  func put(_ frame: [UInt8]) { put(frame, on: sender) }

  /// Where frames go; it sends none itself, so the bridge never learns where it is.
  static let peer = MACAddress("02:00:00:00:00:99")!
  private static let timerMAC = MACAddress("02:00:00:00:00:98")!

  private func put(_ frame: [UInt8], on socket: Int32) {
    if send(socket, frame, frame.count, 0) != frame.count { Issue.record("send: \(errno)") }
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
