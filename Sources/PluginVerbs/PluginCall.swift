internal import CNI
internal import JSON
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

/// One call of the plugin, read and checked as far as every verb needs it.
struct PluginCall {
  let environment: Environment
  let network: NetworkConfiguration
  let contrail: ContrailConfiguration
  let identity: PodIdentity
  /// Monotonic nanoseconds.
  let started: UInt64

  init(
    environment: Environment, network: NetworkConfiguration, contrail: ContrailConfiguration, started: UInt64
  ) {
    self.environment = environment
    self.network = network
    self.contrail = contrail
    self.started = started
    identity = PodIdentity(environment.arguments)
  }

  var containerID: String { environment.containerID }
  var interfaceName: String { environment.interfaceName }

  /// The namespace that names without one are in; runtimes that know no namespaces pass none.
  var podNamespace: String { identity.namespace ?? "default" }

  var pod: PodReference {
    PodReference(
      namespace: identity.name == nil ? identity.namespace ?? "" : podNamespace, name: identity.name ?? "",
      uid: identity.uid ?? "")
  }

  /// What those who wait for one of our locks are told.
  var lockNote: String {
    "process \(currentProcessID()), \(environment.verb.rawValue) \(containerID) \(interfaceName)"
  }

  /// How the call ended, for the store.
  func event(_ error: CNIError?) -> Event {
    Event(
      time: wallClockNanoseconds(), verb: environment.verb.rawValue, containerID: containerID,
      interfaceName: interfaceName, pod: pod, code: Int64(error?.code.rawValue ?? 0),
      microseconds: (monotonicNanoseconds() - started) / 1000, message: error?.message ?? "")
  }
}
