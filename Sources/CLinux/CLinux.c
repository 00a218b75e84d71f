#define _GNU_SOURCE
#include "CLinux.h"

#include <sched.h>
#include <sys/syscall.h>

// The child shares its parent's memory, thread-local storage included. It makes raw system calls only, so that it never
// writes the parent's errno, and runs on a stack of its own.
static long call3(long number, long a, long b, long c) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#else
#error "the system call instruction of this architecture is missing here"
#endif
}

static void close_all_but(const int *kept, unsigned long count) {
  int first = 0;
  for (unsigned long i = 0; i < count; i++) {
    if (kept[i] > first) call3(SYS_close_range, first, kept[i] - 1, 0);
    first = kept[i] + 1;
  }
  call3(SYS_close_range, first, ~0u, 0);
}

static int child(void *argument) {
  struct clinux_detached_send *work = argument;
  close_all_but(work->kept, work->count);
  long sent = call3(SYS_write, work->socket, (long)work->datagram, (long)work->length);
  long received = sent < 0 ? sent : call3(SYS_read, work->socket, (long)work->answer, sizeof work->answer);
  const struct nlmsghdr *header = (const struct nlmsghdr *)work->answer;
  if (received < 0) work->error = -received;
  else if (received >= (long)NLMSG_LENGTH(sizeof(struct nlmsgerr)) && header->nlmsg_type == NLMSG_ERROR)
    work->error = -((const struct nlmsgerr *)NLMSG_DATA(header))->error;
  else work->error = EPROTO;
  call3(SYS_exit, 0, 0, 0);
  return 0;
}

int clinux_send_detached(struct clinux_detached_send *work) {
  int pidfd = -1;
  work->error = EINPROGRESS;
  int pid = clone(child, work->stack + sizeof work->stack, CLONE_VM | CLONE_PIDFD | SIGCHLD, work, &pidfd);
  return pid < 0 ? -errno : pidfd;
}
