// The floor: sends the messages that one ADD or DEL of the plugin sends to the kernel, and does nothing else.
// No configuration, no store, no address management, no result, no locks.
//
//   floor add NETNS NUMBER BRIDGE-INDEX [INSTANCE …]    attach pod NUMBER (which gives its names and addresses)
//   floor del NETNS NUMBER BRIDGE-INDEX [INSTANCE …]    detach it
//
// Runs in a node's namespace where the plugin has attached a pod already: bridges, tables and sets are the plugin's.
// The first interface is on the node's bridge; each INSTANCE, a network namespace, gets one more.
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

#include "bound.h"
#include "message.h"

enum { mtu = 1500, max_interfaces = 8 };
// The index of the bridge in every instance that has a namespace of its own.
static const uint32_t instance_bridge = 0x40000000;
static const char gateway4[] = "10.32.0.1", gateway6[] = "fd00:10:32::1";

// One interface of the pod, its host end, and the sockets in the namespace where that is.
struct interface {
  int instance;  // that namespace
  int filter, route, notifications;
  uint32_t bridge;
  char name[IFNAMSIZ], host_name[IFNAMSIZ];
  char alias[96];
  uint8_t mac[6], host_mac[6];
  uint8_t v4[4], broadcast[4], v6[16], link_local[16];
  uint8_t v4_prefix_length, v6_prefix_length;
  uint32_t host_index, pod_index;  // the kernel's answers
};

struct pod {
  int namespace;
  uint32_t group;  // one per container: the number by which DEL deletes
  int count;
  struct interface interfaces[max_interfaces];
};

static int open_namespace(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  return fd;
}

static void enter(int namespace) {
  if (setns(namespace, CLONE_NEWNET) < 0) die("enter a namespace");
}

// Addresses that the plugin does not hand out here, or not so soon: 10.47.0.0 upwards, and as far up in 172.16.0.0/16,
// 172.17.0.0/16…
static void choose_addresses(struct interface *interface, int position, uint32_t number) {
  uint32_t base = position == 0 ? 0x0a2f0000 : 0xac108000 + ((position - 1) << 16);
  uint32_t v4 = htonl(base + number), broadcast = htonl(base | 0xffff), low = htonl(number);
  memcpy(interface->v4, &v4, 4);
  memcpy(interface->broadcast, &broadcast, 4);
  char prefix[64];
  if (position == 0) strcpy(prefix, "fd00:10:32::f:0:0");
  else snprintf(prefix, sizeof prefix, "fd00:172:%d::f:0:0", position);
  inet_pton(AF_INET6, prefix, interface->v6);
  memcpy(interface->v6 + 12, &low, 4);
  interface->v4_prefix_length = position == 0 ? 12 : 16;
  interface->v6_prefix_length = 64;
  const uint8_t *mac = interface->mac;
  uint8_t eui[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe};
  memcpy(eui + 13, mac + 3, 3);
  memcpy(interface->link_local, eui, 16);
}

static void make_interface(struct interface *interface, int position, uint32_t number) {
  snprintf(interface->name, sizeof interface->name, "eth%d", position);
  snprintf(interface->host_name, sizeof interface->host_name, "vmif%02x%08x", position, number);
  snprintf(interface->alias, sizeof interface->alias, "floor-%u/%s/11111111-2222-3333-4444-555555555555", number,
           interface->name);
  uint32_t low = htonl(number);
  memcpy(interface->mac, (uint8_t[]){0x02, 0x80 + 2 * position}, 2);
  memcpy(interface->mac + 2, &low, 4);
  memcpy(interface->host_mac, interface->mac, 6);
  interface->host_mac[1]++;
  choose_addresses(interface, position, number);
}

// arguments: NETNS NUMBER BRIDGE-INDEX [INSTANCE …]
static struct pod make_pod(int count, char **arguments) {
  uint32_t number = strtoul(arguments[1], NULL, 10);
  struct pod pod = {.namespace = open_namespace(arguments[0]), .group = 0x40000000 | number, .count = count - 2};
  if (pod.count > max_interfaces) {
    errno = E2BIG;
    die("instances");
  }
  for (int i = 0; i < pod.count; i++) {
    struct interface *interface = &pod.interfaces[i];
    make_interface(interface, i, number);
    interface->bridge = i == 0 ? strtoul(arguments[2], NULL, 10) : instance_bridge;
    interface->instance = open_namespace(i == 0 ? "/proc/self/ns/net" : arguments[2 + i]);
  }
  return pod;
}

// The source filter's elements

// Port and MAC, and an address behind it.
static void binding(struct datagram *d, const struct interface *interface, const uint8_t *address, size_t size) {
  uint8_t key[40] = {0};
  memcpy(key, interface->host_name, strlen(interface->host_name));
  memcpy(key + 16, interface->mac, 6);
  if (address) memcpy(key + 24, address, size);
  size_t item = begin_nest(d, NFTA_LIST_ELEM);
  data(d, NFTA_SET_ELEM_KEY, key, 24 + size);
  end_nest(d, item);
}

// Which MAC an address is at.
static void station(struct datagram *d, const struct interface *interface, const uint8_t *address, size_t size) {
  size_t item = begin_nest(d, NFTA_LIST_ELEM);
  data(d, NFTA_SET_ELEM_KEY, address, size);
  data(d, NFTA_SET_ELEM_DATA, interface->mac, 6);
  end_nest(d, item);
}

static size_t begin_elements_of(struct datagram *d, uint8_t family, const char *table, uint16_t verb, uint16_t flags,
                                const char *set) {
  begin_table_message(d, family, verb, flags);
  attribute_text(d, NFTA_SET_ELEM_LIST_TABLE, table);
  attribute_text(d, NFTA_SET_ELEM_LIST_SET, set);
  return begin_nest(d, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static size_t begin_elements(struct datagram *d, uint16_t verb, uint16_t flags, const char *set) {
  return begin_elements_of(d, NFPROTO_BRIDGE, "contrail", verb, flags, set);
}

static void end_elements(struct datagram *d, size_t list) {
  end_nest(d, list);
  end_message(d);
}

// An address of a pod, which its gateway does not have to ask for.
static void member(struct datagram *d, const uint8_t *address, size_t size) {
  size_t item = begin_nest(d, NFTA_LIST_ELEM);
  data(d, NFTA_SET_ELEM_KEY, address, size);
  end_nest(d, item);
}

static void change_elements(const struct interface *interface, uint16_t verb) {
  struct datagram d = {0};
  uint16_t create = verb == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
  batch_mark(&d, NFNL_MSG_BATCH_BEGIN);
  size_t list = begin_elements(&d, verb, create, "l2");
  binding(&d, interface, NULL, 0);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create, "bind4");
  binding(&d, interface, interface->v4, 4);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create, "bind6");
  binding(&d, interface, interface->v6, 16);
  binding(&d, interface, interface->link_local, 16);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create, "station4");
  station(&d, interface, interface->v4, 4);
  end_elements(&d, list);
  list = begin_elements(&d, verb, create, "station6");
  station(&d, interface, interface->v6, 16);
  station(&d, interface, interface->link_local, 16);
  end_elements(&d, list);
  list = begin_elements_of(&d, NFPROTO_INET, "contrail-neighbors", verb, create, "members4");
  member(&d, interface->v4, 4);
  end_elements(&d, list);
  list = begin_elements_of(&d, NFPROTO_INET, "contrail-neighbors", verb, create | NLM_F_ACK, "members6");
  member(&d, interface->v6, 16);
  member(&d, interface->link_local, 16);
  end_elements(&d, list);
  uint32_t last = d.sequence;
  batch_mark(&d, NFNL_MSG_BATCH_END);
  d.sequence = last;
  transact(interface->filter, &d, "nf_tables", NULL, NULL);
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

// A link that the kernel tells of; its IFLA_LINK is the other end's index.
static void link_reply(const struct nlmsghdr *h, void *context) {
  struct pod *pod = context;
  if (h->nlmsg_type != RTM_NEWLINK) return;
  const struct ifinfomsg *link = NLMSG_DATA(h);
  const char *name = "";
  uint32_t other = 0;
  int left = IFLA_PAYLOAD(h);
  for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
    if (a->rta_type == IFLA_LINK) memcpy(&other, RTA_DATA(a), 4);
    if (a->rta_type == IFLA_IFNAME) name = RTA_DATA(a);
  }
  for (int i = 0; i < pod->count; i++) {
    struct interface *interface = &pod->interfaces[i];
    if (strcmp(name, interface->host_name) == 0) {
      interface->host_index = link->ifi_index;
      interface->pod_index = other;
    } else if (strcmp(name, interface->name) == 0) {
      interface->pod_index = link->ifi_index;
      interface->host_index = other;
    }
  }
}

static void new_link(struct datagram *d, const struct pod *pod, const struct interface *interface) {
  // No interface of a pod has this index: a link whose index equals its peer's is started up to a second later.
  struct ifinfomsg up = {.ifi_index = 0x31000000 | (pod->group & 0xffffff), .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  struct ifinfomsg none = {0};
  begin_message(d, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
  attribute_text(d, IFLA_IFNAME, interface->host_name);
  attribute_u32(d, IFLA_MTU, mtu);
  attribute(d, IFLA_ADDRESS, interface->host_mac, 6);
  attribute_u32(d, IFLA_MASTER, interface->bridge);
  attribute_u32(d, IFLA_NUM_TX_QUEUES, 1);
  attribute_u32(d, IFLA_NUM_RX_QUEUES, 1);
  if (interface != pod->interfaces) attribute_u32(d, IFLA_NET_NS_FD, interface->instance);
  size_t info = begin_nest(d, IFLA_LINKINFO);
  attribute_text(d, IFLA_INFO_KIND, "veth");
  size_t data = begin_nest(d, IFLA_INFO_DATA), peer = begin_nest(d, VETH_INFO_PEER);
  append(d, &none, sizeof none);
  attribute_text(d, IFLA_IFNAME, interface->name);
  attribute_u32(d, IFLA_MTU, mtu);
  attribute(d, IFLA_ADDRESS, interface->mac, 6);
  attribute_u32(d, IFLA_GROUP, pod->group);
  attribute_u32(d, IFLA_NUM_TX_QUEUES, 1);
  attribute_u32(d, IFLA_NUM_RX_QUEUES, 1);
  attribute_u32(d, IFLA_NET_NS_FD, pod->namespace);
  end_nest(d, peer);
  end_nest(d, data);
  end_nest(d, info);
  end_message(d);
}

static void get_link(struct datagram *d, uint16_t flags, const char *name) {
  struct ifinfomsg none = {0};
  begin_message(d, RTM_GETLINK, flags, &none, sizeof none);
  attribute_text(d, IFLA_IFNAME, name);
  end_message(d);
}

// One batch. A link that is made in another namespace is not told of here: the pod's ends know their host ends.
static void create_links(int node, int inside, struct pod *pod) {
  struct datagram d = {0};
  if (pod->count == 1) {
    new_link(&d, pod, pod->interfaces);
    get_link(&d, NLM_F_ACK, pod->interfaces[0].host_name);
    transact(node, &d, "create the veth", link_reply, pod);
    return;
  }
  for (int i = 0; i < pod->count; i++) new_link(&d, pod, &pod->interfaces[i]);
  ((struct nlmsghdr *)(d.bytes + d.message))->nlmsg_flags |= NLM_F_ACK;
  transact(node, &d, "create the veths", NULL, NULL);
  d = (struct datagram){0};
  for (int i = 0; i < pod->count; i++) get_link(&d, i == pod->count - 1 ? NLM_F_ACK : 0, pod->interfaces[i].name);
  transact(inside, &d, "read the pod's interfaces", link_reply, pod);
}

static void addrgenmode_none(struct datagram *d) {
  size_t families = begin_nest(d, IFLA_AF_SPEC), family = begin_nest(d, AF_INET6);
  attribute_u8(d, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  end_nest(d, family);
  end_nest(d, families);
}

// The node's own network is told where everybody is; in an instance pods share a segment.
static void configure_port(const struct interface *interface, int is_shared) {
  struct datagram d = {0};
  struct ifinfomsg link = {.ifi_index = interface->host_index};
  begin_message(&d, RTM_NEWLINK, 0, &link, sizeof link);
  attribute_text(&d, IFLA_IFALIAS, interface->alias);
  addrgenmode_none(&d);
  size_t info = begin_nest(&d, IFLA_LINKINFO);
  attribute_text(&d, IFLA_INFO_SLAVE_KIND, "bridge");
  size_t port = begin_nest(&d, IFLA_INFO_SLAVE_DATA);
  attribute_u8(&d, IFLA_BRPORT_MODE, !is_shared);
  attribute_u8(&d, IFLA_BRPORT_LEARNING, 0);
  attribute_u8(&d, IFLA_BRPORT_UNICAST_FLOOD, 0);
  attribute_u8(&d, IFLA_BRPORT_MCAST_FLOOD, is_shared);
  attribute_u8(&d, IFLA_BRPORT_BCAST_FLOOD, is_shared);
  end_nest(&d, port);
  end_nest(&d, info);
  end_message(&d);

  uint16_t create = NLM_F_CREATE | NLM_F_REPLACE;
  neighbor(&d, RTM_NEWNEIGH, create,
           (struct ndmsg){.ndm_family = AF_BRIDGE, .ndm_ifindex = interface->host_index, .ndm_state = NUD_NOARP,
                          .ndm_flags = NTF_MASTER},
           NULL, 0, interface->mac);
  struct ndmsg station = {.ndm_family = AF_INET, .ndm_ifindex = interface->bridge, .ndm_state = NUD_PERMANENT};
  neighbor(&d, RTM_NEWNEIGH, create, station, interface->v4, 4, interface->mac);
  station.ndm_family = AF_INET6;
  neighbor(&d, RTM_NEWNEIGH, create | NLM_F_ACK, station, interface->v6, 16, interface->mac);
  transact(interface->route, &d, "configure the port", NULL, NULL);
}

static void pod_address(struct datagram *d, const struct interface *interface, uint8_t family, const uint8_t *address,
                        uint8_t prefix_length) {
  size_t size = family == AF_INET ? 4 : 16;
  struct ifaddrmsg header = {.ifa_family = family, .ifa_prefixlen = prefix_length, .ifa_index = interface->pod_index,
                             .ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0,
                             .ifa_scope = address == interface->link_local ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE};
  begin_message(d, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
  attribute(d, IFA_LOCAL, address, size);
  attribute(d, IFA_ADDRESS, address, size);
  if (family == AF_INET) attribute(d, IFA_BROADCAST, interface->broadcast, 4);
  end_message(d);
}

static void default_route(struct datagram *d, const struct interface *interface, uint8_t family, const char *gateway) {
  struct rtmsg header = {.rtm_family = family, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
                         .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
  uint8_t address[16];
  inet_pton(family, gateway, address);
  begin_message(d, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
  attribute(d, RTA_GATEWAY, address, family == AF_INET ? 4 : 16);
  attribute_u32(d, RTA_OIF, interface->pod_index);
  end_message(d);
}

static void configure_pod(int fd, const struct pod *pod) {
  struct datagram d = {0};
  for (int i = 0; i < pod->count; i++) {
    const struct interface *interface = &pod->interfaces[i];
    struct ifinfomsg link = {.ifi_index = interface->pod_index};
    begin_message(&d, RTM_NEWLINK, 0, &link, sizeof link);
    addrgenmode_none(&d);
    end_message(&d);
    pod_address(&d, interface, AF_INET, interface->v4, interface->v4_prefix_length);
    pod_address(&d, interface, AF_INET6, interface->v6, interface->v6_prefix_length);
    pod_address(&d, interface, AF_INET6, interface->link_local, 64);
    link.ifi_flags = link.ifi_change = IFF_UP;
    begin_message(&d, RTM_NEWLINK, 0, &link, sizeof link);
    end_message(&d);
    if (i > 0) continue;
    default_route(&d, interface, AF_INET, gateway4);
    default_route(&d, interface, AF_INET6, gateway6);
  }
  ((struct nlmsghdr *)(d.bytes + d.message))->nlmsg_flags |= NLM_F_ACK;
  transact(fd, &d, "configure the pod's interfaces", NULL, NULL);
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

// Opens the sockets of each instance, inside it. Afterwards the process is in the last one's namespace.
static void open_instances(struct pod *pod, uint32_t notifications) {
  for (int i = 0; i < pod->count; i++) {
    struct interface *interface = &pod->interfaces[i];
    if (i > 0) enter(interface->instance);
    interface->filter = open_netlink(NETLINK_NETFILTER, 0);
    interface->route = open_netlink(NETLINK_ROUTE, 0);
    if (notifications) interface->notifications = open_netlink(NETLINK_ROUTE, notifications);
  }
}

static void add(struct pod *pod) {
  open_instances(pod, 0);
  enter(pod->namespace);
  int inside = open_netlink(NETLINK_ROUTE, 0), bound = open_netlink(NETLINK_NETFILTER, 0);
  for (int i = 0; i < pod->count; i++) change_elements(&pod->interfaces[i], NFT_MSG_NEWSETELEM);
  create_links(pod->interfaces[0].route, inside, pod);
  for (int i = 0; i < pod->count; i++) configure_port(&pod->interfaces[i], i > 0);
  uint8_t routers[2][16];
  inet_pton(AF_INET, gateway4, routers[0]);
  inet_pton(AF_INET6, gateway6, routers[1]);
  make_bound(bound, pod->count, routers[0], routers[1]);
  configure_pod(inside, pod);
  look_for_chain(pod->interfaces[0].filter, NFPROTO_IPV4);
  look_for_chain(pod->interfaces[0].filter, NFPROTO_IPV6);
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

static int is_deletion(const struct nlmsghdr *h, const struct interface *interface) {
  if (h->nlmsg_type != RTM_DELLINK) return 0;
  const struct ifinfomsg *link = NLMSG_DATA(h);
  if (link->ifi_family != AF_UNSPEC) return 0;
  int left = IFLA_PAYLOAD(h);
  for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, left); a = RTA_NEXT(a, left))
    if (a->rta_type == IFLA_IFNAME) return strcmp(RTA_DATA(a), interface->host_name) == 0;
  return 0;
}

static int is_there(const struct interface *interface) {
  enter(interface->instance);
  return if_nametoindex(interface->host_name) != 0;
}

static void await_deletion(const struct interface *interface) {
  static _Alignas(8) uint8_t buffer[32768];
  int fd = interface->notifications;
  int overrun = 0;
  for (;;) {
    ssize_t size = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0 && errno == ENOBUFS) {
      // The kernel says so once, and goes on dropping until everything queued was read.
      overrun = 1;
    } else if (size < 0 && errno == EAGAIN) {
      if (overrun && !is_there(interface)) return;
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
      if (is_deletion(h, interface)) return;
  }
}

static void delete_neighbors(const struct interface *interface) {
  struct datagram d = {0};
  neighbor(&d, RTM_DELNEIGH, 0, (struct ndmsg){.ndm_family = AF_INET, .ndm_ifindex = interface->bridge}, interface->v4, 4, NULL);
  neighbor(&d, RTM_DELNEIGH, NLM_F_ACK, (struct ndmsg){.ndm_family = AF_INET6, .ndm_ifindex = interface->bridge}, interface->v6, 16,
           NULL);
  transact(interface->route, &d, "delete the neighbours", NULL, NULL);
}

static void del(struct pod *pod) {
  // The child keeps the nf_tables sockets open: closing one after a deletion costs the closer 10 ms.
  open_instances(pod, RTMGRP_LINK);
  enter(pod->namespace);
  remove_bound(open_netlink(NETLINK_NETFILTER, 0));
  delete_group_in_child(pod);
  for (int i = 0; i < pod->count; i++) {
    change_elements(&pod->interfaces[i], NFT_MSG_DELSETELEM);
    delete_neighbors(&pod->interfaces[i]);
  }
  for (int i = 0; i < pod->count; i++) await_deletion(&pod->interfaces[i]);
}

int main(int count, char **arguments) {
  if (count < 5) {
    dprintf(2, "usage: floor add|del NETNS NUMBER BRIDGE-INDEX [INSTANCE …]\n");
    return 2;
  }
  struct pod pod = make_pod(count - 2, arguments + 2);
  if (strcmp(arguments[1], "add") == 0)
    add(&pod);
  else
    del(&pod);
  return 0;
}
