import FuzzTargets
import Glibc

/// `fuzz TARGET [libFuzzer's options] [corpus]`; without a target, a line for each that there is: name, longest input.
@main enum Driver {
  static func main() {
    var arguments = CommandLine.arguments
    guard arguments.count > 1 else {
      for target in FuzzTarget.all { print(target.name, target.maximumLength) }
      return
    }
    let name = arguments.remove(at: 1)
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
      print("fuzz: no target '\(name)'")
      exit(2)
    }
    chosen = target
    exit(runFuzzer(arguments))
  }
}

/// libFuzzer calls a C function, which holds nothing.
nonisolated(unsafe) private var chosen: FuzzTarget!

private func runFuzzer(_ arguments: [String]) -> Int32 {
  var count = Int32(arguments.count)
  var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  return words.withUnsafeMutableBufferPointer { buffer in
    var start = buffer.baseAddress
    return runDriver(&count, &start) { bytes, count in
      do {
        try chosen.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
      } catch {
        fatalError("\(chosen.name): \(error)")
      }
      return 0
    }
  }
}

/// The library's entry for programs that have a `main` of their own (compiler-rt, `fuzzer/FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
