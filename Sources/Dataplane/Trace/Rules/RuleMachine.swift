internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

/// Something that decides what becomes of a packet, and that nobody can know beforehand.
struct Doubt: Hashable {
  let chain: ChainReference
  /// `limit`, `match recent`: what the rule asks.
  let question: String
  /// Whether it is chance, as between the pods behind a service.
  let isChance: Bool
}

/// What becomes of a packet at a hook.
enum HookOutcome: Hashable {
  /// It goes on, maybe translated by one of the chains.
  case passed(TracedPacket, translatedBy: ChainReference?)
  case dropped(by: ChainReference)
}

/// Carries out the rules of a hook on a packet as the kernel does.
///
/// Where a rule asks what a trace cannot know, there are several runs, each with another answer.
struct RuleMachine {
  /// Where the packet is.
  struct Site {
    let namespace: KernelNamespace
    let hook: Hook
    var input: Link?
    var output: Link?
  }

  let ruleset: InstalledRuleset
  let site: Site
  var packet: TracedPacket
  var registers = [UInt8?](repeating: 0, count: 64)
  /// The chain whose rule is carried out.
  private(set) var current: ChainReference
  var chooser = Chooser()
  private(set) var doubts: Set<Doubt> = []
  /// The chains whose rules asked for protocols or ports.
  var askedPorts: Set<ChainReference> = []
  var isTranslated = false

  init(_ ruleset: InstalledRuleset, at site: Site, _ packet: TracedPacket, in chain: ChainReference) {
    self.ruleset = ruleset
    self.site = site
    self.packet = packet
    current = chain
  }

  /// Says what a rule asks and is not known.
  mutating func doubt(_ question: String, isChance: Bool = false, of count: Int = 2) -> Int {
    doubts.insert(Doubt(chain: current, question: question, isChance: isChance))
    return chooser.choose(count)
  }

  /// All chains of a hook, once.
  mutating func run(_ chains: [(chain: ChainReference, base: BaseChain)]) throws(DataplaneError) -> HookOutcome {
    var translator: ChainReference?
    for (chain, base) in chains {
      // Only a connection's first packet asks how to be translated, and the first chain that answers is the last.
      if base.type == .nat && (packet.state != .new || translator != nil) { continue }
      isTranslated = false
      let verdict = try walk(chain) ?? (base.policy == .drop ? .drop : .accept)
      if verdict == .drop { return .dropped(by: current) }
      if isTranslated { translator = current }
    }
    return .passed(packet, translatedBy: translator)
  }

  /// - Returns: the verdict, and ``current`` is the chain that gave it; `nil` where the chain comes to its end.
  private mutating func walk(_ chain: ChainReference) throws(DataplaneError) -> Verdict? {
    current = chain
    for rule in try ruleset.rules(of: chain) {
      switch try apply(rule.expressions) {
      case nil, .continue: continue
      case .jump(let name):
        if let verdict = try walk(ChainReference(table: chain.table, name: name)) { return verdict }
        current = chain
      case .goto(let name):
        let verdict = try walk(ChainReference(table: chain.table, name: name))
        if verdict == nil { current = chain }
        return verdict
      case .return: return nil
      case let verdict?: return verdict
      }
    }
    return nil
  }

  private mutating func apply(_ expressions: [InstalledExpression]) throws(DataplaneError) -> Verdict? {
    for expression in expressions {
      switch try carryOut(expression) {
      case .next: continue
      case .noMatch: return nil
      case .verdict(let verdict): return verdict
      }
    }
    return nil
  }

  /// What a step of a rule leads to.
  enum Step {
    case next
    /// The rule does not match.
    case noMatch
    case verdict(Verdict)

    init(matches: Bool) { self = matches ? .next : .noMatch }
  }
}

// MARK: Registers

extension RuleMachine {
  /// - Parameter number: that of the kernel: 1 to 4 are four words each, from 8 on single ones.
  func read(_ number: UInt32, _ length: Int) -> [UInt8?] {
    let start = Self.offset(number)
    return (0..<length).map { start + $0 < registers.count ? registers[start + $0] : nil }
  }

  /// The rest of the last word becomes zero.
  mutating func write(_ bytes: [UInt8?], to number: UInt32) {
    var position = Self.offset(number)
    for byte in bytes + [UInt8?](repeating: 0, count: (4 - bytes.count % 4) % 4) where position < registers.count {
      registers[position] = byte
      position += 1
    }
  }

  private static func offset(_ number: UInt32) -> Int {
    number < 8 ? (Int(number) - 1 & 3) * 16 : min(Int(number - 8) * 4, 64)
  }
}

/// A number as the machine has it in memory.
func hostBytes(_ number: UInt32) -> [UInt8?] {
  (0..<4).map { UInt8(truncatingIfNeeded: number.littleEndian >> (8 * $0)) }
}

/// The number in these bytes, if all of them are known.
func hostNumber(_ bytes: [UInt8?]) -> UInt32? {
  let known = bytes.compactMap(\.self)
  guard known.count == bytes.count, known.count == 4 else { return nil }
  return UInt32(littleEndian: known.enumerated().reduce(0) { $0 | UInt32($1.element) << UInt32(8 * $1.offset) })
}
