internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

// What a walk notes.

extension Walk {
  static let foreign = "there is none, or not the one that was recorded"

  /// Notes a thing that is as it should be.
  mutating func pass(_ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String = "") {
    steps.append(TraceStep(.ok, place, part, object, detail))
  }

  /// Notes what keeps packets from going on.
  mutating func stop(
    _ state: TraceStep.State, _ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String,
    mend: String? = nil
  ) {
    var step = TraceStep(state, place, part, object, detail)
    step.mend = mend
    steps.append(step)
  }

  /// Notes what is not there, or leads elsewhere.
  mutating func stop(_ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String) {
    stop(.missing, place, part, object, detail)
  }

  /// A link that has to be there and up.
  mutating func check(
    _ link: Link?, _ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String = ""
  ) -> Bool {
    guard let link, link.isUp else {
      stop(place, part, object, link == nil ? "there is no such link" : "it is down")
      return false
    }
    pass(place, part, object, detail)
    return true
  }

  /// A neighbour that the plugin made known for good; one that is not there is asked for.
  mutating func check(
    neighbor address: IPAddress, at macs: [MACAddress], on link: UInt32, in kernel: KernelNamespace,
    _ place: TraceStep.Place, _ part: TraceStep.Part = .neighbor
  ) throws(DataplaneError) -> Bool {
    let found = try kernel.neighbor(address, on: link)
    let object = "neighbour \(address)"
    if let found, !macs.contains(found) {
      stop(.refused, place, part, object, "at \(found), not \(macs[0])")
      return false
    }
    pass(place, part, object, found.map { "at \($0)" } ?? "not asked for yet")
    return true
  }
}

extension KernelNamespace {
  /// The command, to be carried out in this namespace.
  func command(_ words: String) -> String { path.isEmpty ? words : "nsenter --net=\(path) \(words)" }

  /// Where a neighbour is, if that is known.
  func neighbor(_ address: IPAddress, on link: UInt32) throws(DataplaneError) -> MACAddress? {
    let connection = try route()
    return try asking { () throws(NetlinkError) in
      try connection.neighbors(family: address.family, link: link)
    }
    .first { $0.link == link && $0.address == address }?.mac
  }
}
