import JSON
import Testing

extension DoctorTests {
  /// Bridges, their ports, and what they were told of pods.
  static let damagesOfBridges: [Damage] = [
    Damage("the node's bridge is deleted", "instance", naming: "contrail0 is missing") {
      try shell("ip link del contrail0", in: $0.node.namespace)
    },
    Damage("an instance's bridge is deleted", "instance", naming: "contrail0 is missing") {
      try shell("ip link del contrail0", in: $0.instance("n1"))
    },
    Damage("a gateway's address is deleted", "instance", naming: "172.16.1.1/24") {
      try shell("ip addr del 172.16.1.1/24 dev contrail0", in: $0.instance("n1"))
    },
    Damage("a bridge has another address", "instance", naming: "has the address 192.0.2.7/24, which is none of ours") {
      try shell("ip addr add 192.0.2.7/24 dev contrail0", in: $0.instance("n1"))
    },
    Damage("a bridge is down", "instance", naming: "bridge contrail0 is down") {
      try shell("ip link set contrail0 down", in: $0.instance("n1"))
    },
    Damage("a gateway's MAC is another", "instance", naming: "has the MAC 02:00:00:00:00:99 instead of") {
      try shell("ip link set contrail0 address 02:00:00:00:00:99", in: $0.instance("n1"))
    },
    Damage("a bridge speaks with others", "instance", naming: "contrail0: stp_state is on instead of off") {
      try shell("ip link set contrail0 type bridge stp_state 1", in: $0.instance("n1"))
    },
    Damage("a host end is cut off from others", "instance", naming: "isolated is on instead of off") { lab in
      try shell("bridge link set dev \(lab.hostEnd("n1")) isolated on", in: lab.instance("n1"))
    },
    Damage("a bridge believes a pod", "instance", naming: "learning is on instead of off") { lab in
      try shell("bridge link set dev \(lab.hostEnd("n1")) learning on", in: lab.instance("n1"))
    },
    Damage("a host end is down", "attachment", naming: "is down") { lab in
      try shell("ip link set \(lab.hostEnd("n1")) down", in: lab.instance("n1"))
    },
    Damage("a host end left its bridge", "attachment", naming: "is no port of contrail0") { lab in
      try shell("ip link set \(lab.hostEnd("n2")) nomaster", in: lab.instance("n2"))
    },
    Damage("a forwarding entry is deleted", "attachment", naming: "forwarding entry") { lab in
      let mac = try #require(lab.results[0].status("eth1")?["mac"]?.string)
      try shell("bridge fdb del \(mac) dev \(lab.hostEnd("n1")) master", in: lab.instance("n1"))
    },
    Damage("a neighbour is deleted", "attachment", naming: "does not know the neighbour 172.16.1.2") { lab in
      try shell("ip neigh del 172.16.1.2 dev contrail0", in: lab.instance("n1"))
    },
  ]
}
