# What pods notice: round trips and TCP between two pods, beside a pair made by hand.

title "From pod to pod: round trip of 64 octets (UDP, µs), TCP (Gbit/s)"
make_node talk
definition red 172.16.0.0/16 fd00:172:1::/64 | apply talk
with_networks talk red >"$directory/talk/red"
make_namespaces talk-a talk-b hand hand-a hand-b
for pod in a b; do
  printf '%s\n' "case $pod" "$(plugin_step ADD talk talk-$pod talk-$pod "$directory/talk/red")" | "$timer" --runs 1 - >/dev/null
done
ip -n hand link add br0 type bridge
ip -n hand link set br0 up
for pod in a b; do
  ip -n hand link add port-$pod type veth peer name eth0 netns hand-$pod
  ip -n hand link set port-$pod master br0 up
  ip -n hand-$pod link set eth0 up
done
ip -n hand-a address add 192.168.7.1/24 dev eth0
ip -n hand-b address add 192.168.7.2/24 dev eth0
ip -n hand-a address add fd00:7::1/64 dev eth0 nodad
ip -n hand-b address add fd00:7::2/64 dev eth0 nodad
address() { # POD INTERFACE FAMILY
  ip -n "$1" -o "-$3" address show dev "$2" scope global | awk '{ sub(/\/.*/, "", $4); print $4 }'
}
pair() { echo "$1" "/run/netns/$2-a" "/run/netns/$2-b" "$3"; } # NAME NODE ADDRESS
talk() { # RESULTS OPTION…
  local results="$directory/$1.results"
  shift
  # shellcheck disable=SC2046
  "$traffic" "$@" $(pair hand-4 hand 192.168.7.2) $(pair network-4 talk "$(address talk-b eth1 4)") \
    $(pair default-4 talk "$(address talk-b eth0 4)") $(pair hand-6 hand fd00:7::2) \
    $(pair network-6 talk "$(address talk-b eth1 6)") $(pair default-6 talk "$(address talk-b eth0 6)") >"$results"
  awk -F '\t' '{ printf "  %-28s %-10s %5d slices %8.2f %8.2f %8.2f\n", $1, $2, $3, $4/1e3, $5/1e3, $6/1e3 }' "$results"
}
talk apart --slices "$runs"
title "The same with both pods on one processor"
talk together --slices "$runs" --one-processor
compare() { # FIGURE LIMIT COMPARISON RESULTS CASE OTHER-CASE STEP UNIT
  local a b
  a=$(median "$4" "$5" "$7") b=$(median "$4" "$6" "$7")
  row "$1" "$(calculate "$a / $b")" "$2" "$3" "×" \
    "$(calculate "$a / 1000") $8 : $(calculate "$b / 1000") $8; of the minima $(awk -v a="$(minimum "$4" "$5" "$7")" -v b="$(minimum "$4" "$6" "$7")" 'BEGIN { printf "%.2f", a / b }') ×"
}
for where in apart together; do
  for family in 4 6; do
    for net in network default; do
      compare "round trip, IPv$family, $net, processors $where, plugin : by hand" 1.05 "≤" $where $net-$family hand-$family "round trip" µs
      compare "TCP, IPv$family, $net, processors $where, plugin : by hand" 0.95 "≥" $where $net-$family hand-$family throughput Gbit/s
    done
  done
done
