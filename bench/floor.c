// The floor: sends the messages that one ADD or DEL of the plugin sends to the kernel, and does nothing else.
// No configuration, no store, no address management, no result, no locks.
//
//   floor add NETNS NUMBER BRIDGE-INDEX     attach pod NUMBER (which gives its names and addresses)
//   floor del NETNS NUMBER BRIDGE-INDEX     detach it
//
// Runs in a node's namespace where the plugin has attached a pod already: bridge, tables and sets are the plugin's.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>

#include "message.h"

enum { mtu = 1500, v4_prefix_length = 12, v6_prefix_length = 64 };
static const char table_name[] = "contrail";
static const char pod_interface[] = "eth0";
static const char gateway4[] = "10.32.0.1", gateway6[] = "fd00:10:32::1";

struct pod {
  int namespace;
  uint32_t bridge;
  uint32_t group;  // one per container: the number by which DEL deletes
  char host_name[IFNAMSIZ];
  char alias[96];
  uint8_t mac[6], host_mac[6];
  uint8_t v4[4], v6[16], link_local[16];
  uint32_t host_index, pod_index;  // the kernel's answers
};

static struct pod make_pod(char **arguments) {
  uint32_t number = strtoul(arguments[1], NULL, 10);
  struct pod pod = {.bridge = strtoul(arguments[2], NULL, 10), .group = 0x40000000 | number};
  pod.namespace = open(arguments[0], O_RDONLY | O_CLOEXEC);
  if (pod.namespace < 0) die(arguments[0]);
  snprintf(pod.host_name, sizeof pod.host_name, "vmif%010x", number);
  snprintf(pod.alias, sizeof pod.alias, "floor-%u/%s/11111111-2222-3333-4444-555555555555", number, pod_interface);
  uint32_t low = htonl(number);
  memcpy(pod.mac, (uint8_t[]){0x02, 0xf0}, 2);
  memcpy(pod.mac + 2, &low, 4);
  memcpy(pod.host_mac, pod.mac, 6);
  pod.host_mac[1] = 0xf1;
  uint32_t v4 = htonl(0x0a2f0000 + number);  // 10.47.0.0 upwards, beyond what the plugin hands out here
  memcpy(pod.v4, &v4, 4);
  inet_pton(AF_INET6, "fd00:10:32::f:0:0", pod.v6);
  memcpy(pod.v6 + 12, &low, 4);
  uint8_t eui[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, pod.mac[0] ^ 2, pod.mac[1], pod.mac[2], 0xff, 0xfe};
  memcpy(eui + 13, pod.mac + 3, 3);
  memcpy(pod.link_local, eui, 16);
  return pod;
}

// The source filter's elements

static void data(struct datagram *d, uint16_t type, const void *bytes, size_t size) {
  size_t value = begin_nest(d, type);
  attribute(d, NFTA_DATA_VALUE, bytes, size);
  end_nest(d, value);
}

// Port and MAC, and an address behind it.
static void binding(struct datagram *d, const struct pod *pod, const uint8_t *address, size_t size) {
  uint8_t key[40] = {0};
  memcpy(key, pod->host_name, strlen(pod->host_name));
  memcpy(key + 16, pod->mac, 6);
  if (address) memcpy(key + 24, address, size);
  size_t item = begin_nest(d, NFTA_LIST_ELEM);
  data(d, NFTA_SET_ELEM_KEY, key, 24 + size);
  end_nest(d, item);
}

// Which MAC an address is at.
static void station(struct datagram *d, const struct pod *pod, const uint8_t *address, size_t size) {
  size_t item = begin_nest(d, NFTA_LIST_ELEM);
  data(d, NFTA_SET_ELEM_KEY, address, size);
  data(d, NFTA_SET_ELEM_DATA, pod->mac, 6);
  end_nest(d, item);
}

static size_t begin_elements(struct datagram *d, uint16_t verb, uint16_t flags, const char *set) {
  struct nfgenmsg header = {.nfgen_family = NFPROTO_BRIDGE, .version = NFNETLINK_V0};
  begin_message(d, NFNL_SUBSYS_NFTABLES << 8 | verb, flags, &header, sizeof header);
  attribute_text(d, NFTA_SET_ELEM_LIST_TABLE, table_name);
  attribute_text(d, NFTA_SET_ELEM_LIST_SET, set);
  return begin_nest(d, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void end_elements(struct datagram *d, size_t list) {
  end_nest(d, list);
  end_message(d);
}

static void batch_mark(struct datagram *d, uint16_t type) {
  struct nfgenmsg header = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
  begin_message(d, type, 0, &header, sizeof header);
  end_message(d);
}

static void change_elements(int fd, const struct pod *pod, uint16_t verb) {
  struct datagram d = {0};
  uint16_t create = verb == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
  batch_mark(&d, NFNL_MSG_BATCH_BEGIN);
  size_t list = begin_elements(&d, verb, create, "l2");
  binding(&d, pod, NULL, 0);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create, "bind4");
  binding(&d, pod, pod->v4, 4);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create, "bind6");
  binding(&d, pod, pod->v6, 16);
  binding(&d, pod, pod->link_local, 16);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create, "station4");
  station(&d, pod, pod->v4, 4);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create | NLM_F_ACK, "station6");
  station(&d, pod, pod->v6, 16);
  station(&d, pod, pod->link_local, 16);
  end_elements(&d, list);
  uint32_t last = d.sequence;
  batch_mark(&d, NFNL_MSG_BATCH_END);
  d.sequence = last;
  transact(fd, &d, "nf_tables", NULL, NULL);
}

// Neighbours

static void neighbor(struct datagram *d, uint16_t type, uint16_t flags, struct ndmsg header, const void *destination,
                     size_t size, const uint8_t *mac) {
  begin_message(d, type, flags, &header, sizeof header);
  if (destination) attribute(d, NDA_DST, destination, size);
  if (mac) attribute(d, NDA_LLADDR, mac, 6);
  end_message(d);
}

// ADD

static void link_reply(const struct nlmsghdr *h, void *context) {
  struct pod *pod = context;
  if (h->nlmsg_type != RTM_NEWLINK) return;
  const struct ifinfomsg *link = NLMSG_DATA(h);
  pod->host_index = link->ifi_index;
  int left = IFLA_PAYLOAD(h);
  for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, left); a = RTA_NEXT(a, left))
    if (a->rta_type == IFLA_LINK) memcpy(&pod->pod_index, RTA_DATA(a), 4);
}

static void create_link(int fd, struct pod *pod) {
  struct datagram d = {0};
  struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, none = {0};
  begin_message(&d, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
  attribute_text(&d, IFLA_IFNAME, pod->host_name);
  attribute_u32(&d, IFLA_MTU, mtu);
  attribute(&d, IFLA_ADDRESS, pod->host_mac, 6);
  attribute_u32(&d, IFLA_MASTER, pod->bridge);
  attribute_u32(&d, IFLA_NUM_TX_QUEUES, 1);
  attribute_u32(&d, IFLA_NUM_RX_QUEUES, 1);
  size_t info = begin_nest(&d, IFLA_LINKINFO);
  attribute_text(&d, IFLA_INFO_KIND, "veth");
  size_t data = begin_nest(&d, IFLA_INFO_DATA), peer = begin_nest(&d, VETH_INFO_PEER);
  append(&d, &none, sizeof none);
  attribute_text(&d, IFLA_IFNAME, pod_interface);
  attribute_u32(&d, IFLA_MTU, mtu);
  attribute(&d, IFLA_ADDRESS, pod->mac, 6);
  attribute_u32(&d, IFLA_GROUP, pod->group);
  attribute_u32(&d, IFLA_NUM_TX_QUEUES, 1);
  attribute_u32(&d, IFLA_NUM_RX_QUEUES, 1);
  attribute_u32(&d, IFLA_NET_NS_FD, pod->namespace);
  end_nest(&d, peer);
  end_nest(&d, data);
  end_nest(&d, info);
  end_message(&d);

  begin_message(&d, RTM_GETLINK, NLM_F_ACK, &none, sizeof none);
  attribute_text(&d, IFLA_IFNAME, pod->host_name);
  end_message(&d);
  transact(fd, &d, "create the veth", link_reply, pod);
}

static void addrgenmode_none(struct datagram *d) {
  size_t families = begin_nest(d, IFLA_AF_SPEC), family = begin_nest(d, AF_INET6);
  attribute_u8(d, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  end_nest(d, family);
  end_nest(d, families);
}

static void configure_port(int fd, const struct pod *pod) {
  struct datagram d = {0};
  struct ifinfomsg link = {.ifi_index = pod->host_index};
  begin_message(&d, RTM_NEWLINK, 0, &link, sizeof link);
  attribute_text(&d, IFLA_IFALIAS, pod->alias);
  addrgenmode_none(&d);
  size_t info = begin_nest(&d, IFLA_LINKINFO);
  attribute_text(&d, IFLA_INFO_SLAVE_KIND, "bridge");
  size_t port = begin_nest(&d, IFLA_INFO_SLAVE_DATA);
  attribute_u8(&d, IFLA_BRPORT_MODE, 1);
  attribute_u8(&d, IFLA_BRPORT_LEARNING, 0);
  attribute_u8(&d, IFLA_BRPORT_UNICAST_FLOOD, 0);
  attribute_u8(&d, IFLA_BRPORT_MCAST_FLOOD, 0);
  attribute_u8(&d, IFLA_BRPORT_BCAST_FLOOD, 0);
  end_nest(&d, port);
  end_nest(&d, info);
  end_message(&d);

  uint16_t create = NLM_F_CREATE | NLM_F_REPLACE;
  neighbor(&d, RTM_NEWNEIGH, create,
           (struct ndmsg){.ndm_family = AF_BRIDGE, .ndm_ifindex = pod->host_index, .ndm_state = NUD_NOARP,
                          .ndm_flags = NTF_MASTER},
           NULL, 0, pod->mac);
  neighbor(&d, RTM_NEWNEIGH, create,
           (struct ndmsg){.ndm_family = AF_INET, .ndm_ifindex = pod->bridge, .ndm_state = NUD_PERMANENT}, pod->v4, 4,
           pod->mac);
  neighbor(&d, RTM_NEWNEIGH, create | NLM_F_ACK,
           (struct ndmsg){.ndm_family = AF_INET6, .ndm_ifindex = pod->bridge, .ndm_state = NUD_PERMANENT}, pod->v6, 16,
           pod->mac);
  transact(fd, &d, "configure the port", NULL, NULL);
}

static void pod_address(struct datagram *d, const struct pod *pod, uint8_t family, const uint8_t *address,
                        uint8_t prefix_length) {
  size_t size = family == AF_INET ? 4 : 16;
  struct ifaddrmsg header = {.ifa_family = family, .ifa_prefixlen = prefix_length, .ifa_index = pod->pod_index,
                             .ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0,
                             .ifa_scope = address == pod->link_local ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE};
  begin_message(d, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
  attribute(d, IFA_LOCAL, address, size);
  attribute(d, IFA_ADDRESS, address, size);
  if (family == AF_INET) attribute(d, IFA_BROADCAST, (uint8_t[]){10, 47, 255, 255}, 4);
  end_message(d);
}

static void default_route(struct datagram *d, const struct pod *pod, uint16_t flags, uint8_t family,
                          const char *gateway) {
  struct rtmsg header = {.rtm_family = family, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
                         .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
  uint8_t address[16];
  inet_pton(family, gateway, address);
  begin_message(d, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | flags, &header, sizeof header);
  attribute(d, RTA_GATEWAY, address, family == AF_INET ? 4 : 16);
  attribute_u32(d, RTA_OIF, pod->pod_index);
  end_message(d);
}

static void configure_pod(const struct pod *pod) {
  if (setns(pod->namespace, CLONE_NEWNET) < 0) die("enter the pod's namespace");
  int fd = open_netlink(NETLINK_ROUTE, 0);
  struct datagram d = {0};
  struct ifinfomsg link = {.ifi_index = pod->pod_index};
  begin_message(&d, RTM_NEWLINK, 0, &link, sizeof link);
  addrgenmode_none(&d);
  end_message(&d);
  pod_address(&d, pod, AF_INET, pod->v4, v4_prefix_length);
  pod_address(&d, pod, AF_INET6, pod->v6, v6_prefix_length);
  pod_address(&d, pod, AF_INET6, pod->link_local, 64);
  link.ifi_flags = link.ifi_change = IFF_UP;
  begin_message(&d, RTM_NEWLINK, 0, &link, sizeof link);
  end_message(&d);
  default_route(&d, pod, 0, AF_INET, gateway4);
  default_route(&d, pod, NLM_F_ACK, AF_INET6, gateway6);
  transact(fd, &d, "configure the pod's interface", NULL, NULL);
}

// Whether iptables' FORWARD chain drops; that there is none is an answer, too.
static void look_for_chain(int fd, uint8_t family) {
  static _Alignas(8) uint8_t buffer[32768];
  struct datagram d = {0};
  struct nfgenmsg header = {.nfgen_family = family, .version = NFNETLINK_V0};
  begin_message(&d, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, 0, &header, sizeof header);
  attribute_text(&d, NFTA_CHAIN_TABLE, "filter");
  attribute_text(&d, NFTA_CHAIN_NAME, "FORWARD");
  end_message(&d);
  send_datagram(fd, &d, "look for a chain");
  if (recv(fd, buffer, sizeof buffer, 0) < 0) die("look for a chain");
}

static void add(struct pod *pod) {
  int filter = open_netlink(NETLINK_NETFILTER, 0), route = open_netlink(NETLINK_ROUTE, 0);
  change_elements(filter, pod, NFT_MSG_NEWSETELEM);
  create_link(route, pod);
  configure_port(route, pod);
  configure_pod(pod);
  look_for_chain(filter, NFPROTO_IPV4);
  look_for_chain(filter, NFPROTO_IPV6);
}

// DEL

// In a child of its own, because the kernel keeps the deleter waiting long after the links are out of its tables.
static void delete_group_in_child(const struct pod *pod) {
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child > 0) return;
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  if (setns(pod->namespace, CLONE_NEWNET) < 0) _exit(1);
  struct datagram d = {0};
  struct ifinfomsg none = {0};
  begin_message(&d, RTM_DELLINK, NLM_F_ACK, &none, sizeof none);
  attribute_u32(&d, IFLA_GROUP, pod->group);
  end_message(&d);
  transact(open_netlink(NETLINK_ROUTE, 0), &d, "delete the group", NULL, NULL);
  _exit(0);
}

static int is_deletion(const struct nlmsghdr *h, const struct pod *pod) {
  if (h->nlmsg_type != RTM_DELLINK) return 0;
  const struct ifinfomsg *link = NLMSG_DATA(h);
  if (link->ifi_family != AF_UNSPEC) return 0;
  int left = IFLA_PAYLOAD(h);
  for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, left); a = RTA_NEXT(a, left))
    if (a->rta_type == IFLA_IFNAME) return strcmp(RTA_DATA(a), pod->host_name) == 0;
  return 0;
}

static void await_deletion(int fd, const struct pod *pod) {
  static _Alignas(8) uint8_t buffer[32768];
  int overrun = 0;
  for (;;) {
    ssize_t size = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0 && errno == ENOBUFS) {
      // The kernel says so once, and goes on dropping until everything queued was read.
      overrun = 1;
    } else if (size < 0 && errno == EAGAIN) {
      if (overrun && if_nametoindex(pod->host_name) == 0) return;
      overrun = 0;
      struct pollfd readable = {.fd = fd, .events = POLLIN};
      if (poll(&readable, 1, 5000) != 1) {
        errno = ETIMEDOUT;
        die("the host end's deletion");
      }
    } else if (size < 0) {
      die("notifications");
    }
    for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size))
      if (is_deletion(h, pod)) return;
  }
}

static void delete_neighbors(int fd, const struct pod *pod) {
  struct datagram d = {0};
  neighbor(&d, RTM_DELNEIGH, 0, (struct ndmsg){.ndm_family = AF_INET, .ndm_ifindex = pod->bridge}, pod->v4, 4, NULL);
  neighbor(&d, RTM_DELNEIGH, NLM_F_ACK, (struct ndmsg){.ndm_family = AF_INET6, .ndm_ifindex = pod->bridge}, pod->v6, 16,
           NULL);
  transact(fd, &d, "delete the neighbours", NULL, NULL);
}

static void del(struct pod *pod) {
  // The child keeps the nf_tables socket open: closing it after a deletion costs the closer 10 ms.
  int filter = open_netlink(NETLINK_NETFILTER, 0), notifications = open_netlink(NETLINK_ROUTE, RTMGRP_LINK);
  int route = open_netlink(NETLINK_ROUTE, 0);
  delete_group_in_child(pod);
  change_elements(filter, pod, NFT_MSG_DELSETELEM);
  delete_neighbors(route, pod);
  await_deletion(notifications, pod);
}

int main(int count, char **arguments) {
  if (count != 5) {
    dprintf(2, "usage: floor add|del NETNS NUMBER BRIDGE-INDEX\n");
    return 2;
  }
  struct pod pod = make_pod(arguments + 2);
  if (strcmp(arguments[1], "add") == 0)
    add(&pod);
  else
    del(&pod);
  return 0;
}
