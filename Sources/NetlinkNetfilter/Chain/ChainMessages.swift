internal import Netlink

extension Transaction {
  /// Adds the chain.
  ///
  /// An existing base chain must have the same type, hook and priority (else `EEXIST`); its policy is changed.
  public mutating func add(_ chain: Chain, to table: Table, ifExists: ExistingObject = .keep) {
    append("add chain \(table) \(chain.name)", .newChain, ifExists.flags, in: table.family) { writer in
      writer.attribute(ChainAttribute.table, string: table.name)
      writer.attribute(ChainAttribute.name, string: chain.name)
      if let base = chain.base { base.write(to: &writer) }
    }
  }

  /// Deletes the chain with its rules; one that others jump to is refused with `EBUSY`.
  public mutating func delete(chain: String, in table: Table) {
    append("delete chain \(table) \(chain)", .deleteChain, [], in: table.family) { writer in
      writer.attribute(ChainAttribute.table, string: table.name)
      writer.attribute(ChainAttribute.name, string: chain)
    }
  }

  /// Deletes all rules of the chain.
  public mutating func flush(chain: String, in table: Table) {
    append("flush chain \(table) \(chain)", .deleteRule, [], in: table.family) { writer in
      writer.attribute(RuleAttribute.table, string: table.name)
      writer.attribute(RuleAttribute.chain, string: chain)
    }
  }
}

extension BaseChain {
  fileprivate func write(to writer: inout MessageWriter) {
    writer.nested(ChainAttribute.hook) { hook in
      hook.attribute(HookAttribute.number, bigEndian: self.hook.rawValue)
      hook.attribute(HookAttribute.priority, bigEndian: UInt32(bitPattern: priority))
      if let device { hook.attribute(HookAttribute.device, string: device) }
    }
    if let policy { writer.attribute(ChainAttribute.policy, bigEndian: policy.rawValue) }
    writer.attribute(ChainAttribute.type, string: type.rawValue)
  }
}

/// The corresponding C constants are those of `enum nft_chain_attributes`.
enum ChainAttribute {
  static let table: UInt16 = 1
  static let name: UInt16 = 3
  static let hook: UInt16 = 4
  static let policy: UInt16 = 5
  static let type: UInt16 = 7
}

/// The corresponding C constants are those of `enum nft_hook_attributes`.
enum HookAttribute {
  static let number: UInt16 = 1
  static let priority: UInt16 = 2
  static let device: UInt16 = 3
  static let devices: UInt16 = 4
}
