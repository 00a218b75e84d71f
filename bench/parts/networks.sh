# A pod with five interfaces, each in a network of its own.

title "Five interfaces in five networks, each with one pod that is attached"
make_node wide
for n in 1 2 3 4; do definition "wide-$n" "172.$((15 + n)).0.0/16" "fd00:172:$n::/64"; done | apply wide
with_networks wide "wide-1,wide-2,wide-3,wide-4" >"$directory/wide/five"
attach_resident wide "$directory/wide/five"
make_node apart
for n in 0 1 2 3 4; do
  foreign_configuration "bench$n" "cni$n" "172.$((20 + n)).0.0/16" "fd00:172:$((20 + n))::/64" >"$directory/foreign$n.stdin"
done
# What a meta-plugin does at best: one call after the other, and in reverse to delete.
foreign_steps() { # VERB NODE CONTAINER POD
  local n order="0 1 2 3 4" directive="step $1"
  [ "$1" = ADD ] || order="4 3 2 1 0"
  for n in $order; do
    process_of "$1" "$2" "$3" "$4" "$directory/foreign$n.stdin" "$directive" |
      sed "s,^env CNI_IFNAME=.*,env CNI_IFNAME=eth$n,"
    printf '%s\n' "env PATH=/usr/sbin:/usr/bin:/sbin:/bin" "run $foreign/bridge"
    directive="then"
  done
}
printf '%s\n' "case resident" "$(foreign_steps ADD apart resident apart-resident)" | "$timer" --runs 1 - >/dev/null
pins=()
for n in 1 2 3 4; do pins+=("$(pin wide "wide-$n")"); done
make_namespaces wide-{plugin,floor,foreign}-{0..3}
{
  echo "case plugin"
  both plugin_step wide wide-{i} wide-plugin-{slot} "$directory/wide/five"
  echo "case floor"
  both floor_step wide {n} wide-floor-{slot} "${pins[@]}"
  echo "case bridge + host-local"
  both foreign_steps apart wide-{i} wide-foreign-{slot}
} | time_plan wide --runs "$runs" --slots 4 --pause "$quiet"
ratio "ADD of 5 interfaces, plugin : floor" 1.6 "≤" wide plugin ADD wide floor ADD
ratio "DEL of 5 interfaces, plugin : floor" 1.6 "≤" wide plugin DEL wide floor DEL
ratio "ADD of 5, bridge + host-local five times : plugin" 12 "≥" wide "bridge + host-local" ADD wide plugin ADD
ratio "DEL of 5, bridge + host-local five times : plugin" 30 "≥" wide "bridge + host-local" DEL wide plugin DEL
row "peak memory of ADD of 5 interfaces" "$(field wide plugin ADD 7 | awk '{ print $1 / 1024 }')" 6 "≤" MB ""

if command -v strace >/dev/null; then
  title "System calls for five interfaces (strace)"
  trace_calls wide wide-plugin-0 "$directory/wide/five"
fi
