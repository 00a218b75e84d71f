/// What kind of packets a trace is about.
package enum TraceFlow: Hashable, Sendable {
  /// An echo request and its reply.
  case echo
  /// The first segment of a TCP connection to a port, and its answer.
  case tcp(UInt16)
  /// A datagram to a port, and its answer.
  case udp(UInt16)

  /// Of the protocol's header; `nil` where there are no ports.
  package var port: UInt16? {
    switch self {
    case .echo: nil
    case .tcp(let port), .udp(let port): port
    }
  }
}
