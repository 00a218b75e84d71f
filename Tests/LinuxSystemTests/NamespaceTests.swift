import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import Testing

/// A network namespace is known by inode and cookie: a path or an inode may be another one's later.
@Suite struct NamespaceTests {
  @Test func identities() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let home = try NetworkNamespace.current()
      let own = NamespaceIdentity(inode: home.inode, cookie: try NetworkNamespace.currentCookie())
      #expect(try home.cookie(from: home) == own.cookie)
      // The kernel gives inodes again, cookies never.
      var seen = [own]
      var reused = 0
      // When the kernel has time to end the ones before is its own matter.
      let deadline = soon(60_000)
      while seen.count <= 200 || reused == 0 && monotonicNanoseconds() < deadline {
        Sandbox.enterNetwork()
        let current = try NetworkNamespace.current()
        let identity = NamespaceIdentity(inode: current.inode, cookie: try NetworkNamespace.currentCookie())
        #expect(!seen.contains(identity) && !seen.contains { $0.cookie == identity.cookie })
        #expect(try current.cookie(from: current) == identity.cookie)
        reused += seen.contains { $0.inode == identity.inode } ? 1 : 0
        seen.append(identity)
        #expect(setns(home.descriptor.rawValue, clinux_clone_newnet) == 0)
        usleep(500)
      }
      #expect(reused > 0, "no inode was used twice: the test does not see what it is about")
      #expect(try NetworkNamespace.currentCookie() == own.cookie)
    }
  }

  @Test func filesThatAreNoNamespace() throws {
    let directory = TestDirectory()
    let plain = directory.path + "/empty"
    _ = try OwnedDescriptor(path: plain, [.write, .create])
    func failure(_ path: String) -> Errno? {
      do { _ = try NetworkNamespace(path: path) } catch { return error }
      return nil
    }
    #expect(failure(plain) == .invalidArgument)
    #expect(failure("/proc/self/ns/uts") == .invalidArgument)
    #expect(failure("/dev/null") == .invalidArgument)
    #expect(failure(directory.path) == .invalidArgument)
    #expect(failure(directory.path + "/missing") == .noSuchFile)
  }

  @Test func whoeverEntersComesHome() async {
    await #expect(processExitsWith: .success) {
      struct Failure: Error {}
      Sandbox.enterNetwork()
      let home = try NetworkNamespace.current()
      Sandbox.enterNetwork()
      let other = try NetworkNamespace.current()
      #expect(setns(home.descriptor.rawValue, clinux_clone_newnet) == 0)
      let inside = try other.enter(from: home) { () throws(Errno) in try NetworkNamespace.current().inode }
      #expect(inside == other.inode && inside != home.inode)
      #expect(try NetworkNamespace.current().inode == home.inode)
      do {
        try other.enter(from: home) { () throws(Errno) in throw Errno.busy }
        Issue.record("no error")
      } catch {
        #expect(error as? Errno == .busy)
      }
      #expect(try NetworkNamespace.current().inode == home.inode)
    }
  }

  /// A namespace exists while a process is in it or a mount pins it.
  @Test func whatStillExists() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterMounts()
      let main = try NetworkNamespace(path: "/proc/self/ns/net")
      let home = try NetworkNamespace.current()
      #expect(networkNamespaceExists(NamespaceIdentity(inode: main.inode, cookie: try main.cookie(from: home))))
      #expect(!networkNamespaceExists(NamespaceIdentity(inode: main.inode, cookie: 1 << 60)))
      let pinned = try NamespacePin.create("pin", in: "/run/pins", home: home)
      let identity = NamespaceIdentity(inode: pinned.inode, cookie: try pinned.cookie(from: home))
      #expect(networkNamespaceExists(identity))
      #expect(try NetworkNamespace(path: "/run/pins/pin").inode == pinned.inode)
      try NamespacePin.remove("/run/pins/pin")
      #expect(!networkNamespaceExists(identity))
      #expect(access("/run/pins/pin", F_OK) != 0)
      try NamespacePin.remove("/run/pins/pin")
      #expect(try NetworkNamespace.current().inode == home.inode)
    }
  }

  @Test func settings() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterMounts()
      Sandbox.enterNetwork()
      let forwarding = Sysctl("net/ipv4/ip_forward")
      let before = try forwarding.read()
      #expect(before == Array("0".utf8))
      #expect(try forwarding.ensure("1"))
      #expect(try !forwarding.ensure("1"))
      #expect(try forwarding.read() == Array("1".utf8))
      #expect(throws: Errno.noSuchFile) { try Sysctl("net/ipv4/nonexistent").ensure("1") }
      // Where /proc/sys is read-only, as in a container, what is right already is no error.
      #expect(mount("/proc/sys", "/proc/sys", nil, 1 << 12, nil) == 0)
      #expect(mount("none", "/proc/sys", nil, 1 << 12 | 1 << 5 | 1, nil) == 0)
      #expect(try !forwarding.ensure("1"))
      #expect(throws: Errno.readOnlyFileSystem) { try forwarding.ensure("0") }
    }
  }
}
