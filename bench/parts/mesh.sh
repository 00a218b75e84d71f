# Networks that reach each other: what a router over many of them costs, and what packets between two of them cost.

members=$((runs >= 200 ? 300 : runs * 3))
title "$members networks in one mesh"
make_node mesh
definition alone 172.16.0.0/16 fd00:172:1::/64 | apply mesh
member() { # NUMBER LABEL: a network that the router picks if the label says so
  definition "mesh-$1" "10.$((100 + $1 / 200)).$(($1 % 200)).0/24" "fd00:$(printf %x $((1000 + $1)))::/64" |
    sed "s/^  namespace: default/&\n  labels: {side: $2}/"
}
for ((i = 0; i < members; i++)); do member $i inside; done | apply mesh
for name in alone $(seq -f "mesh-%g" 0 $((members - 1))); do in_network mesh "$name" >"$directory/mesh/$name"; done
make_namespaces mesh-alone $(seq -f "mesh-%g" 0 $((members - 1))) mesh-{in,out}-{0..3}
attach_resident mesh "$directory/mesh/alone"
{
  echo "case member"
  plugin_step ADD mesh "mesh-{i}" "mesh-{i}" "$directory/mesh/mesh-{i}"
} | time_plan members --runs "$members"

printf '%s\n' 'apiVersion: core.contrail.juniper.net/v1alpha1' 'kind: VirtualNetworkRouter' \
  'metadata: {name: all, namespace: default}' \
  'spec: {type: mesh, virtualNetworkSelector: {matchLabels: {side: inside}}}' >"$directory/mesh/router"
member 7 outside >"$directory/mesh/leave"
member 7 inside >"$directory/mesh/join"
contrailctl_step() { # STEP ARGUMENT…
  local step=$1
  shift
  printf '%s\n' "node /run/netns/mesh" "step $step" "run $contrailctl $* --conf $directory/mesh/stdin"
}
few=$((runs / 10 > 3 ? runs / 10 : 3))
{
  echo "case router"
  contrailctl_step apply apply -f "$directory/mesh/router"
  contrailctl_step delete delete vnr all -n default
} | time_plan router --runs "$few"
row "a router over $members networks is applied" "$(calculate "$(median router router apply) / 1000000")" 3 "≤" s ""
{
  echo "case router"
  contrailctl_step apply apply -f "$directory/mesh/router"
} | time_plan routed --runs 1
{
  echo "case network"
  contrailctl_step leave apply -f "$directory/mesh/leave"
  contrailctl_step join apply -f "$directory/mesh/join"
} | time_plan change --runs "$few"
for step in leave join; do
  row "one of $members networks: $step" "$(calculate "$(median change network $step) / 1000")" 100 "≤" ms ""
done
{
  echo "case unconnected"
  both plugin_step mesh out-{i} mesh-out-{slot} "$directory/mesh/alone"
  echo "case member"
  both plugin_step mesh in-{i} mesh-in-{slot} "$directory/mesh/mesh-7"
} | time_plan joined --runs "$runs" --slots 4 --pause 60000
ratio "ADD into a network of $members in a mesh : into an unconnected one" 1.3 "≤" joined member ADD joined unconnected ADD

title "From pod to pod of another network, beside the same hops by hand"
make_node hops
for side in a b; do
  definition side-$side "192.168.$([ $side = a ] && echo 1 || echo 2).0/24" "fd00:$side::/64" |
    sed 's/"ipamV4Subnet"/"routeTargetList": ["target:1:1"], &/'
done | apply hops
make_namespaces hops-a hops-b wire wire-a wire-b wire-pod-a wire-pod-b
for side in a b; do
  with_networks hops side-$side >"$directory/hops/$side"
  printf '%s\n' "case $side" "$(plugin_step ADD hops hops-$side hops-$side "$directory/hops/$side")" |
    "$timer" --runs 1 - >/dev/null
done
# Pod, bridge with gateway, transit in between: what the same path is without rules and tables.
number=1
for side in a b; do
  ip -n wire link set lo up
  ip -n wire link add to-$side type veth peer name way netns wire-$side
  ip -n wire-$side link add br0 type bridge
  ip -n wire-$side link add port type veth peer name eth0 netns wire-pod-$side
  ip -n wire-$side link set port master br0 up
  for link in br0 way lo; do ip -n wire-$side link set $link up; done
  ip -n wire link set to-$side up
  ip -n wire-pod-$side link set eth0 up
  ip -n wire address add 10.9.$number.1/24 dev to-$side
  ip -n wire-$side address add 10.9.$number.2/24 dev way
  ip -n wire-$side address add 10.8.$number.1/24 dev br0
  ip -n wire-pod-$side address add 10.8.$number.2/24 dev eth0
  ip -n wire-pod-$side route add default via 10.8.$number.1
  ip -n wire-$side route add default via 10.9.$number.1
  ip -n wire route add 10.8.$number.0/24 via 10.9.$number.2
  number=2
done
for name in wire wire-a wire-b; do
  nsenter --net=/run/netns/$name sysctl -qw net.ipv4.ip_forward=1
done
across() { # RESULTS OPTION…
  local results="$directory/$1.results"
  shift
  "$traffic" "$@" hand /run/netns/wire-pod-a /run/netns/wire-pod-b 10.8.2.2 \
    networks /run/netns/hops-a /run/netns/hops-b \
    "$(ip -n hops-b -o -4 address show dev eth1 | awk '{ sub(/\/.*/, "", $4); print $4 }')" >"$results"
  awk -F '\t' '{ printf "  %-28s %-10s %5d slices %8.2f %8.2f %8.2f\n", $1, $2, $3, $4/1e3, $5/1e3, $6/1e3 }' "$results"
}
across across --slices "$runs"
for step in "round trip" throughput; do
  a=$(median across networks "$step") b=$(median across hand "$step")
  report "$step across networks, plugin : by hand" "$(calculate "$a / $b")" "×" \
    "$(calculate "$a / 1000") : $(calculate "$b / 1000") $([ "$step" = throughput ] && echo Gbit/s || echo µs)"
done
