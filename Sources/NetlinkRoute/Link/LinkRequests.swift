internal import CLinux
internal import LinuxSystem
public import Netlink

extension Batch {
  /// Makes a link; one with its name, or at its index, is an error (`EEXIST`, `EBUSY`).
  ///
  /// The corresponding C constant is `RTM_NEWLINK`.
  ///
  /// - Parameter echo: The outcome's reply makes the new ``Link``, where the kernel knows how (Linux 6.2) and the link is
  ///   made in the socket's namespace; otherwise there is no reply. It costs less than to ask for the link.
  @discardableResult
  public mutating func createLink<Kind: LinkKind>(
    _ attributes: LinkAttributes, _ kind: Kind, echo: Bool = false
  ) -> Int {
    add(
      "create \(Kind.name) \(attributes.name ?? "")", type: UInt16(RTM_NEWLINK),
      flags: echo ? [.create, .exclusive, .echo] : [.create, .exclusive]
    ) { writer in
      attributes.write(to: &writer)
      writer.framed(UInt16(IFLA_LINKINFO)) {
        $0.attribute(UInt16(IFLA_INFO_KIND), unterminated: Kind.name)
        if kind.hasData { $0.framed(UInt16(IFLA_INFO_DATA)) { kind.write(to: &$0) } }
      }
    }
  }

  /// Changes a link that exists, and in one message what its bridge does with it.
  ///
  /// The corresponding C constant is `RTM_NEWLINK`.
  /// - Parameters:
  ///   - link: Which link. Its name or index takes the place of the one in `attributes`, except that a link told by its
  ///     index can be given another name.
  ///   - port: What the bridge does with the link, which must be a port of one.
  @discardableResult
  public mutating func setLink(_ link: LinkSelector, _ attributes: LinkAttributes, port: BridgePort? = nil) -> Int {
    var attributes = attributes
    switch link {
    case .index(let index): attributes.index = index
    case .name(let name):
      attributes.index = 0
      attributes.name = name
    }
    return add("change \(link)", type: UInt16(RTM_NEWLINK)) { [attributes] writer in
      attributes.write(to: &writer)
      guard let port else { return }
      writer.framed(UInt16(IFLA_LINKINFO)) {
        $0.attribute(UInt16(IFLA_INFO_SLAVE_KIND), unterminated: BridgePort.kindName)
        $0.framed(UInt16(IFLA_INFO_SLAVE_DATA)) { port.write(to: &$0) }
      }
    }
  }

  /// Changes the options of a link of a kind that exists.
  ///
  /// The corresponding C constant is `RTM_NEWLINK`.
  @discardableResult
  public mutating func setLink<Kind: LinkKind>(_ link: LinkSelector, _ kind: Kind) -> Int {
    add("change \(Kind.name) \(link)", type: UInt16(RTM_NEWLINK)) { writer in
      write(link, to: &writer)
      writer.framed(UInt16(IFLA_LINKINFO)) {
        $0.attribute(UInt16(IFLA_INFO_KIND), unterminated: Kind.name)
        $0.framed(UInt16(IFLA_INFO_DATA)) { kind.write(to: &$0) }
      }
    }
  }

  /// Deletes a link; of a veth pair both ends. It is an error where there is none (`ENODEV`).
  ///
  /// The kernel answers only when nobody uses the link any more, about 20 ms later. The corresponding C constant is
  /// `RTM_DELLINK`.
  @discardableResult
  public mutating func deleteLink(_ link: LinkSelector) -> Int {
    add("delete \(link)", type: UInt16(RTM_DELLINK)) { write(link, to: &$0) }
  }

  /// Deletes all links of a group, in the time that one takes. It is an error where there is none (`ENODEV`).
  ///
  /// The corresponding C constant is `RTM_DELLINK`.
  /// - Precondition: `group` is not 0, the group of every link that was given none.
  @discardableResult
  public mutating func deleteLinks(group: UInt32) -> Int {
    precondition(group != 0, "group 0 is every link's")
    return add("delete the links of group \(group)", type: UInt16(RTM_DELLINK)) {
      writeLinkHeader(to: &$0)
      $0.attribute(UInt16(IFLA_GROUP), group)
    }
  }

  /// Reads a link; its outcome's reply makes a ``Link``. It is an error where there is none (`ENODEV`).
  ///
  /// The corresponding C constant is `RTM_GETLINK`.
  @discardableResult
  public mutating func getLink(_ link: LinkSelector) -> Int {
    add("read \(link)", type: UInt16(RTM_GETLINK), answer: .reply) {
      writeLinkHeader(index: link.index, to: &$0)
      writeExtensionMask(to: &$0)
      if case .name(let name) = link { $0.attribute(UInt16(IFLA_IFNAME), string: name) }
    }
  }
}

extension Connection {
  /// The link, or `nil` where there is none.
  public func link(_ link: LinkSelector) throws(NetlinkError) -> Link? {
    var batch = Batch()
    batch.getLink(link)
    let outcome = try outcomes(of: batch)[0]
    if let error = outcome.error {
      if error.errno == .noSuchDevice { return nil }
      throw error
    }
    return outcome.replies.first.flatMap(Link.init)
  }

  /// All links of the namespace, or the ports of one bridge.
  public func links(master: UInt32? = nil) throws(NetlinkError) -> [Link] {
    try dump("list the links", type: UInt16(RTM_GETLINK)) {
      writeLinkHeader(to: &$0)
      writeExtensionMask(to: &$0)
      if let master { $0.attribute(UInt16(IFLA_MASTER), master) }
    }.compactMap(Link.init)
  }
}

extension LinkSelector {
  /// The index for a fixed header: 0 where a name follows.
  fileprivate var index: UInt32 {
    if case .index(let index) = self { index } else { 0 }
  }
}

private func write(_ link: LinkSelector, to writer: inout MessageWriter) {
  writeLinkHeader(index: link.index, to: &writer)
  if case .name(let name) = link { writer.attribute(UInt16(IFLA_IFNAME), string: name) }
}

/// Keeps the statistics out of the answer, the larger part of it.
private func writeExtensionMask(to writer: inout MessageWriter) {
  writer.attribute(UInt16(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS))
}
