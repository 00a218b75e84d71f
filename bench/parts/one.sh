# One interface, in the default network.

title "One interface, beside one pod that is attached"
need_near
make_node empty
make_node foreign
foreign_configuration bench cni0 10.32.0.0/12 fd00:10:32::/64 >"$directory/foreign.stdin"
printf '%s\n' "case resident" "$(foreign_step ADD foreign resident foreign-resident)" | "$timer" --runs 1 - >/dev/null
make_namespaces one-{plugin,floor,foreign,empty}-{0..3}
{
  echo "case plugin"
  both plugin_step near one-{i} one-plugin-{slot}
  echo "case floor"
  both floor_step near {n} one-floor-{slot}
  echo "case bridge + host-local"
  both foreign_step foreign one-{i} one-foreign-{slot}
  echo "case plugin, no other pod"
  both plugin_step empty one-{i} one-empty-{slot}
} | time_plan one --runs "$runs" --slots 4 --pause "$quiet"
ratio "ADD, plugin : floor" 1.8 "≤" one plugin ADD one floor ADD
ratio "DEL, plugin : floor" 1.8 "≤" one plugin DEL one floor DEL
ratio "ADD, bridge + host-local : plugin" 3.5 "≥" one "bridge + host-local" ADD one plugin ADD
ratio "DEL, bridge + host-local : plugin" 8 "≥" one "bridge + host-local" DEL one plugin DEL
row "peak memory of ADD" "$(field one plugin ADD 7 | awk '{ print $1 / 1024 }')" 6 "≤" MB ""

if command -v strace >/dev/null; then
  title "System calls, with those of the child that deletes (strace)"
  trace_calls near one-plugin-0 "$directory/near/stdin"
fi
