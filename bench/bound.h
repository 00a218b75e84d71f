// What bounds the neighbours that a pod's own kernel asks for, for the floor: a table of nf_tables in the pod's namespace.
#pragma once

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "message.h"

static const char bound_table[] = "contrail-neighbors-floor";

static inline void attribute_be32(struct datagram *d, uint16_t type, uint32_t value) {
  attribute_u32(d, type, __builtin_bswap32(value));
}

static inline void attribute_be64(struct datagram *d, uint16_t type, uint64_t value) {
  value = __builtin_bswap64(value);
  attribute(d, type, &value, 8);
}

static inline void data(struct datagram *d, uint16_t type, const void *bytes, size_t size) {
  size_t value = begin_nest(d, type);
  attribute(d, NFTA_DATA_VALUE, bytes, size);
  end_nest(d, value);
}

static inline void begin_table_message(struct datagram *d, uint8_t family, uint16_t verb, uint16_t flags) {
  struct nfgenmsg header = {.nfgen_family = family, .version = NFNETLINK_V0};
  begin_message(d, NFNL_SUBSYS_NFTABLES << 8 | verb, flags, &header, sizeof header);
}

static inline void batch_mark(struct datagram *d, uint16_t type) {
  struct nfgenmsg header = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
  begin_message(d, type, 0, &header, sizeof header);
  end_message(d);
}

static inline void bound_set(struct datagram *d, const char *name, uint32_t id, uint32_t type, uint32_t length,
                             uint32_t size, uint64_t timeout) {
  begin_table_message(d, NFPROTO_INET, NFT_MSG_NEWSET, NLM_F_CREATE);
  attribute_text(d, NFTA_SET_TABLE, bound_table);
  attribute_text(d, NFTA_SET_NAME, name);
  attribute_be32(d, NFTA_SET_FLAGS, timeout ? NFT_SET_TIMEOUT | NFT_SET_EVAL : 0);
  attribute_be32(d, NFTA_SET_KEY_TYPE, type);
  attribute_be32(d, NFTA_SET_KEY_LEN, length);
  attribute_be32(d, NFTA_SET_ID, id);
  if (timeout) {
    attribute_be64(d, NFTA_SET_TIMEOUT, timeout);
    size_t description = begin_nest(d, NFTA_SET_DESC);
    attribute_be32(d, NFTA_SET_DESC_SIZE, size);
    end_nest(d, description);
  }
  end_message(d);
}

// Expressions: each is an element of a list, with a name and data of its own.
struct expression {
  size_t element, data;
};

static inline struct expression begin_expression(struct datagram *d, uint16_t list, const char *name) {
  struct expression expression = {.element = list ? begin_nest(d, list) : 0};
  attribute_text(d, NFTA_EXPR_NAME, name);
  expression.data = begin_nest(d, NFTA_EXPR_DATA);
  return expression;
}

static inline void end_expression(struct datagram *d, struct expression expression) {
  end_nest(d, expression.data);
  if (expression.element) end_nest(d, expression.element);
}

static inline void load(struct datagram *d, const char *name, uint32_t key, uint32_t destination) {
  struct expression e = begin_expression(d, NFTA_LIST_ELEM, name);
  // Both kinds have the key and the register in these places or the other way round.
  int is_meta = strcmp(name, "meta") == 0;
  attribute_be32(d, is_meta ? NFTA_META_KEY : NFTA_RT_KEY, key);
  attribute_be32(d, is_meta ? NFTA_META_DREG : NFTA_RT_DREG, destination);
  end_expression(d, e);
}

static inline void compare(struct datagram *d, const void *bytes, size_t size) {
  struct expression e = begin_expression(d, NFTA_LIST_ELEM, "cmp");
  attribute_be32(d, NFTA_CMP_SREG, NFT_REG_1);
  attribute_be32(d, NFTA_CMP_OP, NFT_CMP_EQ);
  data(d, NFTA_CMP_DATA, bytes, size);
  end_expression(d, e);
}

static inline void look_up(struct datagram *d, const char *set, int is_inverted) {
  struct expression e = begin_expression(d, NFTA_LIST_ELEM, "lookup");
  attribute_text(d, NFTA_LOOKUP_SET, set);
  attribute_be32(d, NFTA_LOOKUP_SREG, NFT_REG_1);
  if (is_inverted) attribute_be32(d, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
  end_expression(d, e);
}

static inline void update(struct datagram *d, const char *set, int is_limited) {
  struct expression e = begin_expression(d, NFTA_LIST_ELEM, "dynset");
  attribute_text(d, NFTA_DYNSET_SET_NAME, set);
  attribute_be32(d, NFTA_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
  attribute_be32(d, NFTA_DYNSET_SREG_KEY, NFT_REG_1);
  if (is_limited) {
    size_t own = begin_nest(d, NFTA_DYNSET_EXPR);
    struct expression limit = begin_expression(d, 0, "limit");
    attribute_be64(d, NFTA_LIMIT_RATE, 32);
    attribute_be64(d, NFTA_LIMIT_UNIT, 1);
    attribute_be32(d, NFTA_LIMIT_BURST, 256);
    attribute_be32(d, NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS);
    attribute_be32(d, NFTA_LIMIT_FLAGS, NFT_LIMIT_F_INV);
    end_expression(d, limit);
    end_nest(d, own);
  }
  end_expression(d, e);
}

static inline void verdict(struct datagram *d, uint32_t code, const char *chain) {
  struct expression e = begin_expression(d, NFTA_LIST_ELEM, "immediate");
  attribute_be32(d, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  size_t value = begin_nest(d, NFTA_IMMEDIATE_DATA), inner = begin_nest(d, NFTA_DATA_VERDICT);
  attribute_be32(d, NFTA_VERDICT_CODE, code);
  if (chain) attribute_text(d, NFTA_VERDICT_CHAIN, chain);
  end_nest(d, inner);
  end_nest(d, value);
  end_expression(d, e);
}

static inline void drop(struct datagram *d) {
  end_expression(d, begin_expression(d, NFTA_LIST_ELEM, "counter"));
  verdict(d, NF_DROP, NULL);
}

static inline size_t begin_rule_of(struct datagram *d, const char *chain) {
  begin_table_message(d, NFPROTO_INET, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  attribute_text(d, NFTA_RULE_TABLE, bound_table);
  attribute_text(d, NFTA_RULE_CHAIN, chain);
  return begin_nest(d, NFTA_RULE_EXPRESSIONS);
}

static inline size_t begin_rule(struct datagram *d) { return begin_rule_of(d, "neighbors"); }

static inline void end_rule(struct datagram *d, size_t list) {
  end_nest(d, list);
  end_message(d);
}

// Accepts the next hop if it is known in a set, or can be remembered in one, or both; routers are so by any interface.
static inline void hop_rule(struct datagram *d, int is_v6, const char *known, const char *remembered) {
  size_t rule = begin_rule(d);
  load(d, "meta", NFT_META_NFPROTO, NFT_REG_1);
  compare(d, &(uint8_t){is_v6 ? NFPROTO_IPV6 : NFPROTO_IPV4}, 1);
  if (remembered) load(d, "meta", NFT_META_OIFNAME, NFT_REG_1);
  load(d, "rt", is_v6 ? NFT_RT_NEXTHOP6 : NFT_RT_NEXTHOP4, remembered ? NFT_REG_2 : NFT_REG_1);
  if (known) look_up(d, known, 0);
  if (remembered) update(d, remembered, 0);
  verdict(d, NF_ACCEPT, NULL);
  end_rule(d, rule);
}

static inline void bound_chain(struct datagram *d, const char *name, int hook_number) {
  begin_table_message(d, NFPROTO_INET, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  attribute_text(d, NFTA_CHAIN_TABLE, bound_table);
  attribute_text(d, NFTA_CHAIN_NAME, name);
  if (hook_number >= 0) {
    size_t hook = begin_nest(d, NFTA_CHAIN_HOOK);
    attribute_be32(d, NFTA_HOOK_HOOKNUM, hook_number);
    attribute_be32(d, NFTA_HOOK_PRIORITY, 10);
    end_nest(d, hook);
    attribute_text(d, NFTA_CHAIN_TYPE, "filter");
  }
  end_message(d);
  if (hook_number < 0) return;
  size_t rule = begin_rule_of(d, name);
  verdict(d, NFT_GOTO, "neighbors");
  end_rule(d, rule);
}

static inline void bound_elements(struct datagram *d, const char *set, uint16_t flags, size_t count,
                                 const uint8_t (*keys)[16], size_t size) {
  begin_table_message(d, NFPROTO_INET, NFT_MSG_NEWSETELEM, NLM_F_CREATE | flags);
  attribute_text(d, NFTA_SET_ELEM_LIST_TABLE, bound_table);
  attribute_text(d, NFTA_SET_ELEM_LIST_SET, set);
  size_t list = begin_nest(d, NFTA_SET_ELEM_LIST_ELEMENTS);
  for (size_t i = 0; i < count; i++) {
    size_t item = begin_nest(d, NFTA_LIST_ELEM);
    data(d, NFTA_SET_ELEM_KEY, keys[i], size);
    end_nest(d, item);
  }
  end_nest(d, list);
  end_message(d);
}

static inline void bound_rules(struct datagram *d) {
  hop_rule(d, 0, "asked4", "asked4");
  hop_rule(d, 1, "asked6", "asked6");
  size_t rule = begin_rule(d);
  load(d, "meta", NFT_META_OIFNAME, NFT_REG_1);
  look_up(d, "own", 1);
  verdict(d, NF_ACCEPT, NULL);
  end_rule(d, rule);
  hop_rule(d, 0, "routers4", NULL);
  hop_rule(d, 1, "routers6", NULL);
  rule = begin_rule(d);
  load(d, "meta", NFT_META_OIFNAME, NFT_REG_1);
  update(d, "links", 1);
  drop(d);
  end_rule(d, rule);
  hop_rule(d, 0, NULL, "asked4");
  hop_rule(d, 1, NULL, "asked6");
  rule = begin_rule(d);
  drop(d);
  end_rule(d, rule);
}

// The first `count` of eth0, eth1 … are bounded.
static inline void make_bound(int fd, int count, const uint8_t *router4, const uint8_t *router6) {
  struct datagram d = {0};
  batch_mark(&d, NFNL_MSG_BATCH_BEGIN);
  begin_table_message(&d, NFPROTO_INET, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
  attribute_text(&d, NFTA_TABLE_NAME, bound_table);
  end_message(&d);
  enum { ipv4_address = 7, ipv6_address = 8, interface_name = 41 };
  bound_set(&d, "routers4", 1, ipv4_address, 4, 0, 0);
  bound_set(&d, "asked4", 2, interface_name << 6 | ipv4_address, IFNAMSIZ + 4, 512, 30000);
  bound_set(&d, "routers6", 3, ipv6_address, 16, 0, 0);
  bound_set(&d, "asked6", 4, interface_name << 6 | ipv6_address, IFNAMSIZ + 16, 512, 30000);
  bound_set(&d, "links", 5, interface_name, IFNAMSIZ, 1024, 60000);
  bound_set(&d, "own", 6, interface_name, IFNAMSIZ, 0, 0);
  bound_chain(&d, "neighbors", -1);
  bound_chain(&d, "output", NF_INET_LOCAL_OUT);
  bound_chain(&d, "forward", NF_INET_FORWARD);
  bound_rules(&d);
  uint8_t names[8][16] = {0};
  for (int i = 0; i < count; i++) snprintf((char *)names[i], sizeof names[i], "eth%d", i);
  bound_elements(&d, "own", 0, count, names, IFNAMSIZ);
  uint8_t routers[2][16] = {0};
  memcpy(routers[0], router4, 4);
  bound_elements(&d, "routers4", 0, 1, routers, 4);
  memcpy(routers[0], router6, 16);
  memcpy(routers[1], (uint8_t[]){0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff}, 13);
  memcpy(routers[1] + 13, router6 + 13, 3);
  bound_elements(&d, "routers6", NLM_F_ACK, 2, routers, 16);
  uint32_t last = d.sequence;
  batch_mark(&d, NFNL_MSG_BATCH_END);
  d.sequence = last;
  transact(fd, &d, "bound the pod's neighbours", NULL, NULL);
}

static inline void remove_bound(int fd) {
  struct datagram d = {0};
  batch_mark(&d, NFNL_MSG_BATCH_BEGIN);
  begin_table_message(&d, NFPROTO_INET, NFT_MSG_DELTABLE, NLM_F_ACK);
  attribute_text(&d, NFTA_TABLE_NAME, bound_table);
  end_message(&d);
  uint32_t last = d.sequence;
  batch_mark(&d, NFNL_MSG_BATCH_END);
  d.sequence = last;
  transact(fd, &d, "remove the pod's bound", NULL, NULL);
}
