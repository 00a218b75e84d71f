import JSON
import ObjectPrinting
import Testing
import VirtualNetworks

private func target(_ name: String, labels: [String: String] = [:]) -> APIObject {
  APIObject(
    .routeTarget, ObjectMetadata(name: name, creationTimestamp: "1970-01-01T00:00:00Z", labels: labels),
    status: ["state": "Success"])
}

private let routeTargets = Kind.routeTarget.resource

@Test func columnsLineUp() {
  var table = ObjectTable(routeTargets, .init(), now: 13)
  #expect(table.text([]) == "")
  #expect(
    table.text([target("a"), target("target-1")]) == """
      NAME       STATE     AGE
      a          Success   13s
      target-1   Success   13s

      """)
  // A later page widens the columns, and never narrows them.
  #expect(table.text([target("target-1000")]) == "target-1000   Success   13s\n")
  #expect(table.text([target("b")]) == "b             Success   13s\n")
}

@Test func options() {
  var options = ObjectTable.Options()
  options.showsKind = true
  options.showsLabels = true
  options.showsNamespace = true  // The kind has no namespaces.
  var table = ObjectTable(routeTargets, options, now: 13)
  #expect(
    table.text([target("a", labels: ["k": "v", "b": ""]), target("b")])
      == """
      NAME                                            STATE     AGE   LABELS
      routetarget.core.contrail.juniper.net/a   Success   13s   b=,k=v
      routetarget.core.contrail.juniper.net/b   Success   13s   <none>

      """.replacing(
        "NAME                                            STATE", with: "NAME                                      STATE"
      ))
  options.showsHeader = false
  options.showsLabels = false
  var bare = ObjectTable(routeTargets, options, now: 13)
  #expect(bare.text([target("a")]) == "routetarget.core.contrail.juniper.net/a   Success   13s\n")
}

@Test func documents() {
  #expect(DocumentFormat.name.text([target("a")], isList: false) == "routetarget.core.contrail.juniper.net/a\n")
  #expect(
    DocumentFormat.yaml.text([], isList: true)
      == "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n")
  #expect(
    DocumentFormat.json.text([target("a")], isList: false) == """
      {
          "apiVersion": "core.contrail.juniper.net/v1alpha1",
          "kind": "RouteTarget",
          "metadata": {
              "creationTimestamp": "1970-01-01T00:00:00Z",
              "generation": 1,
              "name": "a"
          },
          "status": {
              "state": "Success"
          }
      }

      """)
}

/// Every field that a kind is explained with can be explained itself.
@Test(arguments: Kind.allCases)
func explanations(_ kind: Kind) throws {
  let text = try #require(explanation(of: kind.resource, field: []))
  #expect(text.hasPrefix("KIND:     \(kind.rawValue)\nVERSION:  \(kind.resource.apiVersion)\n\nDESCRIPTION:\n     "))
  #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  for line in text.split(separator: "\n") where line.hasPrefix("   ") && line.contains("\t") {
    let field = String(line.dropFirst(3).prefix { $0 != "\t" })
    #expect(explanation(of: kind.resource, field: [field]) != nil)
  }
  #expect(explanation(of: kind.resource, field: ["nothing"]) == nil)
}
