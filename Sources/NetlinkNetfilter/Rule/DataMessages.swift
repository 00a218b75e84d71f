internal import Netlink

/// The corresponding C constants are those of `enum nft_data_attributes` and `enum nft_verdict_attributes`.
enum DataAttribute {
  static let value: UInt16 = 1
  static let verdict: UInt16 = 2
  static let verdictCode: UInt16 = 1
  static let verdictChain: UInt16 = 2
}

extension MessageWriter {
  /// Writes an attribute that holds bytes as nf_tables data.
  mutating func value(_ type: UInt16, _ bytes: [UInt8]) {
    nested(type) { $0.attribute(DataAttribute.value, bytes: bytes) }
  }

  /// Writes an attribute that holds a verdict as nf_tables data.
  mutating func verdict(_ type: UInt16, _ verdict: Verdict) {
    nested(type) { data in
      data.nested(DataAttribute.verdict) { writer in
        writer.attribute(DataAttribute.verdictCode, bigEndian: UInt32(bitPattern: verdict.code))
        if let chain = verdict.chain { writer.attribute(DataAttribute.verdictChain, string: chain) }
      }
    }
  }
}

extension Verdict {
  /// The verdict in nf_tables data; `nil` where the data is none.
  init?(data: Attributes) {
    guard let verdict = data[DataAttribute.verdict]?.nested,
      let code = verdict[DataAttribute.verdictCode]?.bigEndian32
    else { return nil }
    self.init(code: Int32(bitPattern: code), chain: verdict[DataAttribute.verdictChain]?.string)
  }

  /// The verdict that an `immediate` expression gives.
  init?(expression: Attributes) {
    guard expression[ExpressionAttribute.name]?.string == "immediate",
      let data = expression[ExpressionAttribute.data]?.nested[2]?.nested
    else { return nil }
    self.init(data: data)
  }
}
