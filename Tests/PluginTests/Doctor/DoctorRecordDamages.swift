import Glibc
import JSON
import Testing

extension DoctorTests {
  /// What is left over, files and records, and what others do.
  static let damagesOfRecords: [Damage] = [
    Damage("a link is nobody's", "stray-port", naming: "vmi00000000000") {
      try shell(
        "ip link add vmi00000000000 type veth peer name x; ip link set vmi00000000000 master contrail0",
        in: $0.node.namespace)
    },
    Damage("a neighbour is nobody's", "stray-entry", naming: "172.16.1.99") {
      try shell("ip neigh add 172.16.1.99 lladdr 02:00:00:00:00:99 dev contrail0", in: $0.instance("n1"))
    },
    Damage("an address that nobody has passes as a pod's", "stray-entry", naming: "172.16.1.98") {
      try shell("nft add element inet contrail-neighbors members4 '{ 172.16.1.98 }'", in: $0.instance("n1"))
    },
    Damage("a permission is nobody's", "stray-entry", naming: "vmi00000000001") {
      try shell(
        "nft add element bridge contrail bind4 '{ \"vmi00000000001\" . 02:00:00:00:00:99 . 172.16.1.99 }'",
        in: $0.instance("n1"))
    },
    Damage("a pod may send what it may not", "rules", naming: "address 172.16.1.99") { lab in
      let name = try lab.hostEnd("n1")
      try shell(
        "nft add element bridge contrail bind4 '{ \"\(name)\" . 02:00:00:00:00:99 . 172.16.1.99 }'",
        in: lab.instance("n1"))
    },
    Damage("a pod's address leads to another", "rules", naming: "leads 172.16.1.97 elsewhere") {
      try shell(
        "nft add element bridge contrail station4 '{ 172.16.1.97 : 02:00:00:00:00:99 }'", in: $0.instance("n1"))
    },
    Damage("a pin is nobody's", "unused-instance", naming: "lab.gone") { lab in
      let path = "\(lab.node.runDirectory)/netns/lab.gone"
      try shell("touch \(path); unshare --net=\(path) true")
    },
    Damage("a lock is nobody's", "lock-file", naming: "container-gone") {
      try shell("umask 077; touch \($0.node.runDirectory)/locks/container-gone")
    },
    Damage("a lock is held", "", naming: "") { lab in
      // Not left over: somebody works.
      let path = "\(lab.node.runDirectory)/locks/container-here"
      let child = try Child(
        ["/usr/bin/python3", "-c", Self.holder, path], environment: Shell.environment, in: nil)
      lab.node.onCleanup {
        child.kill()
        _ = child.finish()
      }
      Monotonic.wait { (try? readFile(path)) == "held" }
    },
    Damage("the log is open to others", "permissions", naming: "plugin.log is open to others: its mode is 0644") {
      try shell("chmod 644 \($0.node.logFile)")
    },
    Damage("the store's directory can be written by others", "permissions", naming: "its mode is 0777") {
      try shell("chmod 777 \($0.node.runDirectory)")
    },
    Damage("a lock is a link", "permissions", naming: "is no regular file", isFixed: false) {
      try shell("ln -s /etc/passwd \($0.node.runDirectory)/locks/container-link")
    },
    Damage("others drop what is forwarded", "foreign-chain", naming: "ip filter FORWARD", isFixed: false) {
      try shell(
        "nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'",
        in: $0.node.namespace)
    },
    Damage("others drop, but not what is ours", "", naming: "") {
      try shell(
        "nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }';"
          + "nft add rule ip filter FORWARD iifname contrail0 accept; nft add rule ip filter FORWARD oifname contrail0 accept",
        in: $0.node.namespace)
    },
    Damage("others drop, in a table that is switched off", "", naming: "") {
      try shell(
        "nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }';"
          + "nft add table ip filter '{ flags dormant; }'", in: $0.node.namespace)
    },
    Damage("kube-proxy does not see bridged packets", "bridge-filter", naming: "is 0", isFixed: false) {
      try shell(
        "sysctl -qw net.bridge.bridge-nf-call-iptables=0; nft add table ip nat; nft add chain ip nat KUBE-SERVICES",
        in: $0.node.namespace)
    },
    Damage("a pod is gone without DEL", "pod-gone", naming: "is gone") { lab in
      let before = try hostEnds(lab.node)
      lab.node.destroy(lab.left)
      // The kernel takes its links away a moment later.
      try Monotonic.wait { try hostEnds(lab.node) <= before - 2 }
    },
    Damage("a pod's namespace is not seen where doctor runs", "pod-inside", naming: "cannot be seen", isFixed: false) {
      let path = $0.left.namespace.path
      $0.node.onCleanup { _ = try? shell("umount \(path)") }
      try shell("mount --bind /proc/self/ns/net \(path)", in: $0.node.namespace)
    },
    Damage("an ADD was killed", "unfinished", naming: "not attached to the end") { lab in
      try Store.execute("UPDATE attachment SET state = 0 WHERE container = '\(lab.left.container)'", in: lab.store)
    },
    Damage("addresses are held by nobody", "leaked-address", naming: "container gone") { lab in
      try Store.execute(
        "INSERT INTO allocation SELECT pool, X'AC1001C8', 'gone', 'eth0', '' FROM allocation LIMIT 1", in: lab.store)
    },
    Damage("a change of the definitions did not arrive", "outdated-instance", naming: "definitions and record differ") {
      try Store.execute("UPDATE instance SET fingerprint = '' WHERE name = 'lab/n1'", in: $0.store)
    },
    Damage("the definitions are lost", "lost-definitions", naming: "lab/n1", isFixed: false) {
      try shell("rm \($0.node.stateDirectory)/objects.db")
    },
    Damage("an instance's pin is gone", "lost-namespace", naming: "lab.n1", isFixed: false) {
      try shell("umount \($0.instance("n1").path)")
    },
  ]

  private static func hostEnds(_ node: Node) throws -> Int {
    try ([node.namespace] + node.instances()).flatMap { try $0.linkNames() }.count { $0.hasPrefix("vmi") }
  }

  private static let holder = """
    import fcntl, os, struct, sys, time
    file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.fcntl(file, 37, struct.pack('hhlli4x', fcntl.F_WRLCK, 0, 0, 0, 0))
    os.write(file, b'held')
    time.sleep(600)
    """
}
