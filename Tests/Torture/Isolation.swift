import CLinux
import Glibc

/// Makes this process a node: a network namespace and a `/run` of its own, which all of its children share. What is left
/// of it goes with the last of them, however they end.
func becomeNode() throws {
  try system(unshare(0x0002_0000), "unshare the mount namespace")  // CLONE_NEWNS
  try system(mount("none", "/", nil, 1 << 18 | 1 << 14, nil), "make mounts private")
  try system(mount("tmpfs", "/run", "tmpfs", 0, nil), "mount /run")
  try leaveNode()
}

/// Makes the node a new network namespace. The old one ends when nothing holds it.
func leaveNode() throws {
  try system(unshare(clinux_clone_newnet), "unshare the network namespace")
  try quietIPv6()
}

/// Router solicitations and duplicate address detection come at moments of their own, and make neighbours known.
func quietIPv6() throws {
  for (name, value) in [("router_solicitations", "0"), ("dad_transmits", "0"), ("accept_dad", "0")] {
    let descriptor = open("/proc/sys/net/ipv6/conf/default/\(name)", O_WRONLY)
    try system(descriptor < 0 ? -1 : 0, name)
    defer { close(descriptor) }
    try system(write(descriptor, value, value.utf8.count) < 0 ? -1 : 0, name)
  }
}

private func system(_ result: Int32, _ operation: String) throws {
  if result != 0 { throw Violation("\(operation): \(String(cString: strerror(errno)))") }
}
