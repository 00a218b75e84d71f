#!/bin/sh
# What version 0.1.0 had in the kernel of a node with two pods, recorded from it: sh node.sh NETNS-OF-A NETNS-OF-B.
# Of the source filter the sets and its first chain; the rest matches on raw headers, which nft prints and does not read.
set -e
here=$(dirname "$0")
bridge=1073741824
ip link add index $bridge name contrail0 address 00:00:5e:00:01:00 mtu 1500 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
ip link set contrail0 addrgenmode none
ip addr add 10.32.0.1/20 brd + dev contrail0
ip addr add fd00:10:32::1/64 dev contrail0 nodad
ip addr add fe80::1/64 dev contrail0 nodad
ip link set contrail0 up
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
nft -f "$here/rules.nft"

# pod NAME NETNS HOST-END HOST-MAC MAC GROUP IPV4 IPV6 LINK-LOCAL
pod() {
  ip link add name "$3" address "$4" mtu 1500 numtxqueues 1 numrxqueues 1 \
    type veth peer name eth0 address "$5" mtu 1500 netns "$2"
  ip link set "$3" addrgenmode none alias "old-$1/eth0/uid-$1" master contrail0 up
  bridge link set dev "$3" hairpin on learning off flood off mcast_flood off bcast_flood off
  bridge fdb add "$5" dev "$3" master static
  ip neigh add "$7" lladdr "$5" dev contrail0 nud permanent
  ip neigh add "$8" lladdr "$5" dev contrail0 nud permanent
  ip -n "$2" link set eth0 addrgenmode none group "$6"
  ip -n "$2" addr add "$7/20" brd + dev eth0
  ip -n "$2" addr add "$8/64" dev eth0 nodad
  ip -n "$2" addr add "$9/64" dev eth0 nodad
  ip -n "$2" link set eth0 up
  ip -n "$2" route add default via 10.32.0.1 dev eth0
  ip -n "$2" -6 route add default via fd00:10:32::1 dev eth0
}
pod a "$1" vmi6b41e22dcdd 06:1d:de:61:43:d9 02:27:d8:ee:6e:3c 235617409 10.32.0.2 fd00:10:32::2 fe80::27:d8ff:feee:6e3c
pod b "$2" vmi286ead81a90 06:e1:a8:88:81:2a 02:b6:24:5c:ab:17 1954206715 10.32.0.3 fd00:10:32::3 fe80::b6:24ff:fe5c:ab17
