internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

// What is in the kernel after the store was lost, of which nothing is recorded.

extension NodeKernel {
  /// Whether no pod is attached anywhere: on the node's bridge, or in a namespace that is pinned in the directory.
  func hasNoPorts(pins: String) throws -> Bool {
    guard try node.portNames().isEmpty else { return false }
    return try fileNames(inDirectory: pins).allSatisfy {
      try instanceNamespace(at: "\(pins)/\($0)")?.portNames().isEmpty ?? true
    }
  }

  /// The namespace of a pinned instance; `nil` for a file that is none, or that stands for the node's own namespace.
  func instanceNamespace(at path: String) -> KernelNamespace? {
    guard let found = try? namespace(at: path), found.identity != node.identity else { return nil }
    return found
  }
}

extension Node {
  /// The pins that no record knows. Nobody makes an instance without recording it first.
  func forgottenPins(_ transaction: AttachmentTransaction) throws -> [String] {
    let files = try allPins()
    if files.isEmpty { return [] }
    let known = Set(try transaction.instances().map { NodeNames.pin(ofNetwork: $0) })
    return files.filter { !known.contains($0) }.map { "\(pins)/\($0)" }
  }

  /// The names of the files that pin instances of networks: they have a full stop between namespace and network.
  func allPins() throws(CNIError) -> [String] {
    try pinFiles().filter { $0.utf8.contains(UInt8(ascii: ".")) }
  }

  private func pinFiles() throws(CNIError) -> [String] {
    do throws(Errno) { return try fileNames(inDirectory: pins) } catch {
      throw CNIError(.ioFailure, "contrail.run-dir: cannot read \(pins): \(error)")
    }
  }

  /// Removes the host ends of an attachment that is not recorded, wherever they are, and what bounds its pod.
  ///
  /// Their names are known: hashes of the container and the pod's interfaces, which are those of the attachment's group.
  func deleteUnrecorded(_ call: PluginCall) throws {
    let group = NodeNames.linkGroup(containerID: call.containerID, interfaceName: call.interfaceName)
    let pod = openPodIfThere(call)
    var places = try forgottenInstances()
    var interfaces = [call.interfaceName]
    // With all instances recorded nothing can be in one that is not, and the pod's links need not be looked at.
    if !places.isEmpty, let pod {
      interfaces += ((try? pod.linkNames(group: group)) ?? []).filter { $0 != call.interfaceName }
    }
    places.append(kernel.node)
    let names = interfaces.map { NodeNames.hostName(containerID: call.containerID, interfaceName: $0) }
    for place in places {
      for name in names where place.hasAnyLink([name]) {
        log.write(.warning, "removing a host end of which nothing is recorded", ["link": name])
        try place.removeUnrecorded(link: name)
      }
    }
    try pod?.releaseNeighbors(group: group)
  }

  private func openPodIfThere(_ call: PluginCall) -> KernelNamespace? {
    let path = call.environment.netns
    guard !path.isEmpty, let pod = try? kernel.namespace(at: path), pod.identity != kernel.node.identity else {
      return nil
    }
    return pod
  }

  /// The namespaces of the pins that no record knows; all of them where the store cannot be read.
  private func forgottenInstances() throws -> [KernelNamespace] {
    let files = try allPins()
    if files.isEmpty { return [] }
    let forgotten: [String]
    do { forgotten = try store.transaction { transaction in try forgottenPins(transaction) } } catch StoreError.corrupt
    {
      forgotten = files.map { "\(pins)/\($0)" }
    }
    return forgotten.compactMap { kernel.instanceNamespace(at: $0) }
  }

  /// Whether instances that nothing is recorded of reach each other by the transit: their pods go on until they are gone.
  private func isForgottenTransitInUse() throws -> Bool {
    guard let transit = kernel.instanceNamespace(at: "\(pins)/\(TransitNames.namespace)") else { return false }
    // The links of instances that are gone end in their own time.
    return try !allPins().isEmpty && transit.hasTransitLinks()
  }

  /// Removes instances that nothing is recorded of and that no pod is in. The store's lock is held: nobody can make one
  /// meanwhile.
  func removeForgottenInstances(_ transaction: AttachmentTransaction) throws {
    for pin in try forgottenPins(transaction) {
      guard try kernel.instanceNamespace(at: pin)?.portNames().isEmpty ?? true else { continue }
      log.write(.warning, "removing a routing instance of which nothing is recorded", ["pin": pin])
      try kernel.remove(.pinned(at: pin))
    }
    if try transaction.instance(InstanceRecord.transit) == nil, try transaction.connectedInstances().isEmpty,
      try pinFiles().contains(TransitNames.namespace), try !isForgottenTransitInUse()
    {
      try kernel.removeTransit(in: pins)
    }
    guard try transaction.instances().isEmpty, kernel.node.hasAnyLink([NodeNames.bridge]),
      try kernel.node.portNames().isEmpty
    else { return }
    log.write(.warning, "removing a routing instance of which nothing is recorded")
    try kernel.remove(.node)
  }
}
