import Glibc
import Testing

/// A real keepalived in a pod, which shares addresses with others of the same virtual router.
final class Keepalived {
  let pod: Pod
  private let directory: String
  private var child: Child?

  /// - Parameters:
  ///   - addresses: of one family.
  ///   - usesRouterMAC: whether the addresses have the virtual router's MAC instead of the interface's.
  init(
    in pod: Pod, of node: Node, priority: Int, addresses: [String], usesRouterMAC: Bool,
    interface: String = "eth1", router: Int = 51
  ) throws {
    self.pod = pod
    directory = "\(node.directory)/keepalived-\(pod.name)"
    mkdir(directory, 0o755)
    let family = addresses[0].contains(":") ? "family inet6" : ""
    try writeFile(
      "\(directory)/conf",
      """
      global_defs {
        vrrp_version 3
        vrrp_garp_master_delay 1
        script_user root
      }
      vrrp_instance shared {
        state BACKUP
        interface \(interface)
        virtual_router_id \(router)
        priority \(priority)
        advert_int 0.2
        \(family)
        \(usesRouterMAC ? "use_vmac" : "")
        virtual_ipaddress {
          \(addresses.joined(separator: "\n    "))
        }
      }
      """)
    try start()
    node.onCleanup { [self] in stop(SIGKILL) }
  }

  func start() throws {
    child = try Child(
      [
        "/usr/sbin/keepalived", "--dont-fork", "--vrrp", "--log-console", "--use-file=\(directory)/conf",
        "--pid=\(directory)/pid", "--vrrp_pid=\(directory)/vrrp.pid",
      ], environment: Shell.environment, in: pod.namespace)
  }

  /// Ends it by that signal; a killed one leaves its addresses behind.
  func stop(_ signal: Int32) {
    guard let child else { return }
    if signal == SIGKILL {
      // The process that speaks VRRP is a child of the one that was started.
      if let text = try? readFile("\(directory)/vrrp.pid"), let pid = pid_t(text.lines.first ?? "") {
        _ = Glibc.kill(pid, SIGKILL)
      }
      child.kill(SIGKILL)
    } else {
      child.kill(signal)
    }
    _ = child.finish(deadline: 10)
    self.child = nil
  }

  /// Whether the pod has the address.
  func holds(_ address: String) throws -> Bool {
    try Shell.run(["ip", "-o", "addr", "show"], in: pod.namespace).contains(" \(address)/")
  }
}
