// Netlink messages for the floor: a datagram that grows, attributes whose lengths are filled in afterwards.
#pragma once

#include <errno.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct datagram {
  size_t length;
  size_t message;  // where the message being written starts
  uint32_t sequence;
  _Alignas(8) uint8_t bytes[8192];
};

static inline void die(const char *what) {
  dprintf(2, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static inline void *append(struct datagram *d, const void *bytes, size_t size) {
  size_t padded = NLMSG_ALIGN(size);
  if (d->length + padded > sizeof d->bytes) {
    errno = ENOBUFS;
    die("datagram");
  }
  void *at = d->bytes + d->length;
  memset(at, 0, padded);
  if (bytes) memcpy(at, bytes, size);
  d->length += padded;
  return at;
}

static inline void begin_message(struct datagram *d, uint16_t type, uint16_t flags, const void *header, size_t size) {
  struct nlmsghdr h = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = ++d->sequence};
  d->message = d->length;
  append(d, &h, sizeof h);
  append(d, header, size);
}

static inline void end_message(struct datagram *d) {
  ((struct nlmsghdr *)(d->bytes + d->message))->nlmsg_len = d->length - d->message;
}

static inline void attribute(struct datagram *d, uint16_t type, const void *value, size_t size) {
  struct nlattr a = {.nla_len = sizeof a + size, .nla_type = type};
  append(d, &a, sizeof a);
  append(d, value, size);
}

static inline void attribute_u8(struct datagram *d, uint16_t type, uint8_t value) { attribute(d, type, &value, 1); }
static inline void attribute_u32(struct datagram *d, uint16_t type, uint32_t value) { attribute(d, type, &value, 4); }
static inline void attribute_text(struct datagram *d, uint16_t type, const char *text) {
  attribute(d, type, text, strlen(text) + 1);
}

static inline size_t begin_nest(struct datagram *d, uint16_t type) {
  size_t start = d->length;
  struct nlattr a = {.nla_type = type | NLA_F_NESTED};
  append(d, &a, sizeof a);
  return start;
}

static inline void end_nest(struct datagram *d, size_t start) {
  ((struct nlattr *)(d->bytes + start))->nla_len = d->length - start;
}

static inline int open_netlink(int protocol, uint32_t groups) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) die("netlink socket");
  if (groups) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("join the notifications");
  }
  return fd;
}

static inline void send_datagram(int fd, const struct datagram *d, const char *what) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(fd, d->bytes, d->length, 0, (struct sockaddr *)&kernel, sizeof kernel) != (ssize_t)d->length) die(what);
}

// Sends, then reads replies until the datagram's last message is acknowledged. Any error is fatal.
// Replies that are no acknowledgement go to `reply`.
static inline void transact(int fd, const struct datagram *d, const char *what,
                            void (*reply)(const struct nlmsghdr *, void *), void *context) {
  static _Alignas(8) uint8_t buffer[32768];
  send_datagram(fd, d, what);
  for (;;) {
    ssize_t size = recv(fd, buffer, sizeof buffer, 0);
    if (size < 0) die(what);
    for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
      if (h->nlmsg_type == NLMSG_ERROR) {
        int error = ((struct nlmsgerr *)NLMSG_DATA(h))->error;
        if (error) {
          errno = -error;
          dprintf(2, "floor: message %u: ", h->nlmsg_seq);
          die(what);
        }
        if (h->nlmsg_seq == d->sequence) return;
      } else if (reply) {
        reply(h, context);
      }
    }
  }
}
