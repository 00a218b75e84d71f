import Testing

/// What contrailctl makes of odd places to read from and write to.
@Suite struct CommandLineTests {
  @Test("Output that cannot be written is an error that says so; a reader that went away is none")
  func fullOutput() throws {
    let full = try Shell.attempt(["sh", "-c", "\(Programs.contrailctl()) api-resources >/dev/full"])
    #expect(full.ending == .exited(1) && full.standardError.contains("cannot write to standard output"), "\(full)")
    let gone = try Shell.attempt(["sh", "-c", "\(Programs.contrailctl()) api-resources | true"])
    #expect(gone.standardError.isEmpty, "\(gone)")
  }

  @Test("A manifest with a byte order mark in front")
  func byteOrderMark() throws {
    try withNode { node in
      let outcome = try node.contrailctl(
        "apply", "-f", "-", input: "\u{feff}kind: Namespace\napiVersion: v1\nmetadata: {name: lab}\n")
      #expect(outcome.succeeded && outcome.standardOutput == "namespace/lab created\n", "\(outcome)")
    }
  }
}
