/// One 32-bit word, the first of a run, of the sixteen that a rule computes with.
///
/// Expressions load packet fields into registers and compare what is there. Fields longer than four bytes take a run
/// of words; concatenated fields take adjacent runs.
public struct Register: Hashable, Sendable {
  /// The word's index, 0 to 15.
  public let word: Int

  /// - Precondition: `word` is 0 to 15.
  public init(word: Int) {
    precondition((0..<16).contains(word), "no such register")
    self.word = word
  }

  /// Where a value goes that nothing comes before.
  public static let first = Register(word: 0)

  /// The number on the wire: words that begin a 128-bit register go by its number (`NFT_REG_1`…), as `nft` and the
  /// kernel write them, the others by `NFT_REG32_00` + word.
  var number: UInt32 { word % 4 == 0 ? UInt32(word / 4 + 1) : UInt32(word + 8) }
}
