import JSON
import ObjectPrinting
import Testing
import VirtualNetworks

private func target(_ name: String) -> APIObject {
  APIObject(.routeTarget, ObjectMetadata(name: name, labels: ["note": "ELEMENT"]), spec: ["fqName": [.string(name)]])
}

/// Whatever the pages, a list that is printed in pages is the list.
@Test(arguments: DocumentFormat.allCases, [[], [1], [2, 1], [1, 0, 3], [0]])
func pagesOfAList(_ format: DocumentFormat, _ pages: [Int]) {
  let objects = (0..<pages.reduce(0, +)).map { target("t\($0)") }
  var list = DocumentList(format)
  var rest = objects[...]
  var text = ""
  for count in pages {
    text += list.text(Array(rest.prefix(count)))
    rest = rest.dropFirst(count)
  }
  #expect(text + list.end == format.text(objects, isList: true))
}
