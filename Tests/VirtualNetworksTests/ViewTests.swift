import JSON
import NetworkAddresses
import Testing
import VirtualNetworks

private func pod(uid: String = "pod-uid", attached: Bool = true) throws -> PodAttachment {
  let eth0 = PodInterface(
    uuid: 0x9789_f5cc_0000_4000_8000_0000_0000_0001, name: "eth0",
    networkNamespace: "contrail-k8s-kubemanager-mk-contrail", networkName: "default-podnetwork",
    mac: try #require(MACAddress("02:11:8e:c0:2f:e0")), addresses: [try #require(InterfaceAddress("10.244.0.5/16"))])
  let eth1 = PodInterface(
    uuid: 0xb03c_1981_0000_4000_8000_0000_0000_0002, name: "eth1", networkNamespace: "default", networkName: "vn1",
    mac: try #require(MACAddress("02:21:0f:f6:47:fc")),
    addresses: [try #require(InterfaceAddress("172.16.10.2/24")), try #require(InterfaceAddress("2001:db8::2/64"))])
  return PodAttachment(
    clusterName: "contrail-k8s-kubemanager-mk", podNamespace: "default", podName: "vn1-pod", podUID: uid,
    containerID: "c1", created: "2022-08-19T21:00:16Z", isAttached: attached, interfaces: [eth0, eth1])
}

private func row(_ object: APIObject) -> [String] {
  object.kind.resource.columns.compactMap { column in
    switch column.cell {
    case .name: object.metadata.name
    case .age: nil
    case .text(let text): text(object)
    }
  }
}

/// What runs, as Contrail's objects: the walk-through's tables.
struct ViewTests {
  @Test func virtualMachineOfThePod() throws {
    let machine = virtualMachine(of: try pod())
    let prefix = "contrail-k8s-kubemanager-mk-vn1-pod-"
    #expect(machine.metadata.name.hasPrefix(prefix) && machine.metadata.name.utf8.count == prefix.utf8.count + 8)
    #expect(Array(row(machine).dropFirst()) == ["container", "/default/vn1-pod", "Success"])
    #expect(virtualMachine(of: try pod()) == machine)
    #expect(virtualMachine(of: try pod(uid: "other")).metadata.name != machine.metadata.name)
    #expect(virtualMachine(of: try pod(attached: false)).text("status", "state") == "Pending")
  }

  @Test func interfaces() throws {
    let interfaces = virtualMachineInterfaces(of: try pod())
    #expect(
      interfaces.map(row) == [
        ["contrail-k8s-kubemanager-mk", "vn1-pod-9789f5cc", "default-podnetwork", "vn1-pod", "eth0", "Success"],
        ["contrail-k8s-kubemanager-mk", "vn1-pod-b03c1981", "vn1", "vn1-pod", "eth1", "Success"],
      ])
    #expect(interfaces.map(\.metadata.namespace) == ["default", "default"])
    #expect(interfaces[1].metadata.uid == "b03c1981-0000-4000-8000-000000000002")
  }

  @Test func addresses() throws {
    let addresses = instanceIPs(of: try pod())
    #expect(
      addresses.map { Array(row($0).dropFirst()) } == [
        ["10.244.0.5", "contrail-k8s-kubemanager-mk-contrail/default-podnetwork", "Success"],
        ["172.16.10.2", "default/vn1", "Success"], ["2001:db8::2", "default/vn1", "Success"],
      ])
    #expect(Set(addresses.map(\.metadata.name)).count == 3)
    #expect(addresses.allSatisfy { $0.metadata.name.hasPrefix("contrail-k8s-kubemanager-mk-vn1-pod-") })
    #expect(addresses.allSatisfy { $0.metadata.namespace.isEmpty })
  }

  /// A view made for a table is listed as the whole one is, and no digest is computed for labels that it does not show.
  @Test func columnsOnly() throws {
    let pod = try pod()
    let whole = [virtualMachine(of: pod)] + virtualMachineInterfaces(of: pod) + instanceIPs(of: pod)
    let listed =
      [virtualMachine(of: pod, .columns)] + virtualMachineInterfaces(of: pod, .columns) + instanceIPs(of: pod, .columns)
    #expect(listed.map(\.key) == whole.map(\.key))
    #expect(listed.map(row) == whole.map(row))
    #expect(listed.map(\.metadata.creationTimestamp) == whole.map(\.metadata.creationTimestamp))
    #expect(listed.allSatisfy { $0.metadata.labels.isEmpty } && !whole[1].metadata.labels.isEmpty)
  }

  @Test func node() throws {
    let cluster = try Cluster()
    let global = try cluster.object(.globalSystemConfig, "default-global-system-config")
    let node = virtualRouter(
      node: "minikube", address: IPAddress("192.168.177.47"), globalConfig: global, running: [try pod()])
    #expect(row(node) == ["minikube", "192.168.177.47", "Success"])
    #expect(
      node.metadata.labels["core.juniper.net/parent"] == "9b83eddfaaa5778ad6b99cb81c803529cf911d492b9e7ec6d63d029d")
    #expect(node.spec["fqName"] == ["default-global-system-config", "minikube"])
    #expect(node.metadata.labels.values.contains { $0.hasPrefix("VirtualMachine_contrail-k8s-kubemanager-mk-vn1-pod") })
    #expect(node.metadata.labels.values.allSatisfy { $0.utf8.count <= 63 })
  }
}
