import Testing

@testable import ObjectPrinting

/// A key's words, as kubectl finds them.
@Test(arguments: [
  ("cidr", "Cidr"), ("apiVersion", "API Version"), ("uid", "UID"), ("fqName", "Fq Name"), ("fabricSNAT", "Fabric SNAT"),
  ("virtualRouterIPAddress", "Virtual Router IP Address"), ("virtualNetworkNetworkId", "Virtual Network Network Id"),
  ("importExport", "Import Export"), ("ipCount", "Ip Count"), ("SNATRule", "SNAT Rule"),
  ("blockOwnerDeletion", "Block Owner Deletion"),
  ("v4SubnetReference", "v4SubnetReference"), ("core.juniper.net/clusterName", "core.juniper.net/clusterName"),
  ("", ""), ("A", "A"), ("aB", "A B"), ("AB", "AB"), ("a-b", "A - B"),
])
func fieldLabels(_ key: String, _ label: String) { #expect(fieldLabel(key) == label) }

private let labels = ["app": "web", "tier": "front", "empty": ""]

@Test(arguments: [
  ("", true), ("app", true), ("other", false), ("!app", false), ("!other", true), ("app=web", true), ("app==web", true),
  ("app=db", false), ("app!=web", false), ("app!=db", true), ("other!=x", true), ("other=", false), ("empty=", true),
  ("app=web,tier=front", true), ("app=web,tier=back", false), ("app in (db, web)", true), ("app in (db)", false),
  ("other in (x)", false), ("app notin (db,x),tier", true), ("app notin (web)", false), ("other notin (web)", true),
  (" app = web , tier ", true),
])
func selectors(_ text: String, _ isMatch: Bool) throws { #expect(try LabelSelector(text).matches(labels) == isMatch) }

@Test(arguments: [
  ",", "app,", "=web", "app=a=b", "a b", "app in web", "app in (web", "app on (web)", "in (web)", "app=(web)", "!",
  "a!b",
])
func badSelectors(_ text: String) {
  let error = #expect(throws: LabelSelector.Failure.self) { try LabelSelector(text) }
  #expect(error?.description.hasPrefix("unable to parse requirement: \"") == true)
}
