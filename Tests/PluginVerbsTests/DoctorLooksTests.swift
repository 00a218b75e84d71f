import Testing

@testable import PluginVerbs

/// Doctor says what it saw twice, one look after the other. While calls go on around it things come and go; what becomes
/// another finding meanwhile is found as that.
@Suite struct DoctorLooksTests {
  @Test(arguments: [
    ([[]], [], 1),
    ([["a"], ["a"]], ["a"], 2),
    ([["a"], []], [], 2),
    ([["a", "b"], ["b"]], ["b"], 2),
    ([["a"], ["b"], ["b"]], ["b"], 3),
    ([["a"], ["a", "b"], ["a", "b"]], ["a", "b"], 3),
    ([["a"], ["b"], []], [], 3),
    ([["z", "a"], ["z", "b"], ["z", "c"], ["z", "d"], ["z", "e"]], ["z"], 5),
  ])
  func twice(_ looks: [[String]], _ expected: [String], _ count: Int) {
    var looked = 0
    let diagnosis = Doctor.lookUntilSettled {
      defer { looked += 1 }
      var diagnosis = Diagnosis()
      diagnosis.findings = looks[looked].map { Finding(.instance, $0, remedy: "none") }
      return diagnosis
    }
    #expect(diagnosis.findings.map(\.problem) == expected)
    #expect(looked == count)
  }
}
