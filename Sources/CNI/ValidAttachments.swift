internal import JSON

/// An attachment as the runtime knows it: by container and by the interface's name in the runtime's own network.
package struct AttachmentReference: Hashable, Sendable {
  package let containerID: String
  package let interfaceName: String

  package init(containerID: String, interfaceName: String) {
    self.containerID = containerID
    self.interfaceName = interfaceName
  }
}

extension NetworkConfiguration {
  /// The attachments that are still in use, for GC. An empty list (also written `null`) says that all are stale; `nil`,
  /// an absent key, says nothing.
  ///
  /// The key is `cni.dev/valid-attachments`, and `cni.dev/attachments` beside it for older plugins: what either names is
  /// in use.
  package func validAttachments() throws(CNIError) -> [AttachmentReference]? {
    try readingConfiguration { () throws(JSONFieldError) in
      var attachments: [AttachmentReference]?
      var seen: Set<AttachmentReference> = []
      for key in ["cni.dev/valid-attachments", "cni.dev/attachments"] where object[key] != nil {
        attachments = attachments ?? []
        for element in try field.member(key).array() ?? [] {
          let attachment = try reference(element)
          if seen.insert(attachment).inserted { attachments?.append(attachment) }
        }
      }
      return attachments
    }
  }

  private func reference(_ field: JSONField) throws(JSONFieldError) -> AttachmentReference {
    func text(_ key: String) throws(JSONFieldError) -> String {
      let member = try field.member(ignoringCase: key)
      guard let text = try member.string(), !text.isEmpty else { throw member.error(expected: "a non-empty string") }
      return text
    }
    return AttachmentReference(containerID: try text("containerID"), interfaceName: try text("ifname"))
  }
}
