#pragma once
// Linux headers and the few calls Swift cannot import by itself. No logic lives here.
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <linux/neighbour.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Macros that Swift does not import.
static const int clinux_clone_newnet = 0x40000000;
static const unsigned long clinux_ns_get_nstype = 0xb703;
static const int clinux_so_netns_cookie = 71;
static const int clinux_f_ofd_setlk = 37;
static const int clinux_f_ofd_setlkw = 38;
static const int clinux_sigev_thread_id = 4;
static const unsigned long clinux_ms_bind = MS_BIND;
static const unsigned long clinux_ms_shared = MS_SHARED;
static const int clinux_mnt_detach = MNT_DETACH;
/* Not to follow a symbolic link in the place of a mount. */
static const int clinux_umount_nofollow = UMOUNT_NOFOLLOW;
static const int clinux_sock_dgram = SOCK_DGRAM | SOCK_CLOEXEC;

// Calls that glibc declares only with _GNU_SOURCE.
int setns(int fd, int nstype);
int unshare(int flags);
pid_t gettid(void);

/// What the child of `clinux_send_detached` needs; it touches nothing else of the parent's memory.
struct clinux_detached_send {
  int socket;           // sends the datagram and receives the answer
  const int *kept;      // the descriptors the child keeps open until its end, ascending: this one and others
  unsigned long count;  // of them
  const void *datagram;
  unsigned long length;
  long error;           // out: the errno that the kernel answered with, 0 for none
  char answer[4096];
  _Alignas(16) char stack[8192];
};

/// Starts a child that shares the caller's memory, closes every other descriptor, sends one netlink datagram, waits for
/// the answer and ends. Returns a pidfd that becomes readable at the child's end, or -errno.
int clinux_send_detached(struct clinux_detached_send *work);
