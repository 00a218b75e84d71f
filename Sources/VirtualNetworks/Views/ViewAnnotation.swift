/// The annotations by which an interface says whose it is, and a pod which machine it is.
package enum ViewAnnotation {
  package static let cluster = "kube-manager.juniper.net/pod-cluster-name"
  package static let podName = "kube-manager.juniper.net/pod-name"
  package static let podNamespace = "kube-manager.juniper.net/pod-namespace"
  /// The network's name without its namespace.
  package static let network = "network"
  /// The name inside the pod.
  package static let interface = "interface"
  /// `0/2`: the position among the pod's interfaces, and their number.
  package static let index = "index"
  /// On a pod: its VirtualMachine's UID.
  package static let machine = "kube-manager.juniper.net/vm-uuid"
}
