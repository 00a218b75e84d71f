// What libFuzzer calls with one input after the other. Built by scripts/fuzz only.

internal import FuzzTargets
internal import Glibc

private let target: FuzzTarget = {
  let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    print("FUZZ_TARGET is none of " + FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))
    exit(2)
  }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  unsafe target.read(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
