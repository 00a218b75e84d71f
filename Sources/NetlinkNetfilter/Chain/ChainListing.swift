internal import LinuxSystem
public import Netlink

/// A chain as the kernel has it.
public struct InstalledChain: Hashable, Sendable {
  /// The table that holds the chain.
  public let table: Table
  /// The chain itself.
  public let chain: Chain
  /// The devices of a netdev chain that has several.
  public let devices: [String]

  /// A chain in a table.
  public init(table: Table, chain: Chain, devices: [String] = []) {
    self.table = table
    self.chain = chain
    self.devices = devices
  }
}

extension Connection {
  /// All chains, or those of one family.
  ///
  /// A base chain's policy is always given.
  public func chains(_ family: TableFamily = .any) throws(NetlinkError) -> [InstalledChain] {
    try dump("list chains", type: MessageType.getChain.wire) { NetfilterHeader.write(family, to: &$0) }
      .compactMap(InstalledChain.init)
  }

  /// One chain: a single, cheap request.
  ///
  /// - Returns: `nil` where there is no such table or chain.
  public func chain(_ name: String, in table: Table) throws(NetlinkError) -> Chain? {
    let operation = "read chain \(table) \(name)"
    do {
      let replies = try perform(operation, type: MessageType.getChain.wire, answer: .reply) { writer in
        NetfilterHeader.write(table.family, to: &writer)
        writer.attribute(ChainAttribute.table, string: table.name)
        writer.attribute(ChainAttribute.name, string: name)
      }
      return replies.first.flatMap(InstalledChain.init)?.chain
    } catch  where error.errno == .noSuchFile {
      return nil
    }
  }
}

extension InstalledChain {
  fileprivate init?(_ message: Message) {
    let attributes = message.attributes
    guard let family = message.family, let table = attributes[ChainAttribute.table]?.string,
      let name = attributes[ChainAttribute.name]?.string
    else { return nil }
    self.table = Table(family, table)
    chain = Chain(name, base: BaseChain(attributes))
    let all = attributes[ChainAttribute.hook]?.nested[HookAttribute.devices]?.nested.map(\.string) ?? []
    devices = all.count > 1 ? all : []
  }
}

extension BaseChain {
  fileprivate init?(_ attributes: Attributes) {
    guard let hook = attributes[ChainAttribute.hook]?.nested,
      let number = hook[HookAttribute.number]?.bigEndian32,
      let priority = hook[HookAttribute.priority]?.bigEndian32
    else { return nil }
    self.init(
      type: ChainType(rawValue: attributes[ChainAttribute.type]?.string ?? ""), hook: Hook(rawValue: number),
      priority: Int32(bitPattern: priority),
      policy: attributes[ChainAttribute.policy]?.bigEndian32.flatMap(Policy.init(rawValue:)),
      device: hook[HookAttribute.device]?.string)
  }
}
