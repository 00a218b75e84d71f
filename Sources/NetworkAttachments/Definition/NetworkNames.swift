internal import CNI

let networkReferenceRule =
  "[namespace/]name or domain:project:name, the name of lower-case letters, digits, '-' and '.'"
let networkNameRule = "a network's name: lower-case letters, digits, '-' and '.', first and last a letter or digit"
let namespaceRule = "a namespace's name: letters, digits, '-', '_' and '.', the first a letter or digit"

/// The text if it is a name that a NetworkAttachmentDefinition or VirtualNetwork can have (a DNS subdomain).
func networkName(_ text: String) -> String? {
  let isEdge: (UInt8) -> Bool = { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
  guard let first = text.utf8.first, let last = text.utf8.last, isEdge(first), isEdge(last), text.utf8.count <= 253,
    text.utf8.allSatisfy({ isEdge($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") })
  else { return nil }
  return text
}

/// The text if it can be a namespace, or a project, which holds the cluster's name and may have its letters.
func namespaceName(_ text: String) -> String? { isIdentifier(text) && text.utf8.count <= 253 ? text : nil }

/// The text if it can be the last part of a fully qualified name, which holds the cluster's name as well.
func qualifiedName(_ text: String) -> String? { namespaceName(text) }
