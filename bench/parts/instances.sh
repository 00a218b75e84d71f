# Networks' routing instances: the first pod of one, the next, and many instances on a node.

title "One interface: in the default network, in a network with a pod, and in one without (its instance is made and removed)"
make_node few
for name in warm cold; do definition $name 172.16.0.0/16 fd00:172:1::/64; done | apply few
for name in warm cold; do in_network few $name >"$directory/few/$name"; done
attach_resident few
make_namespaces few-warm few-{default,warm,cold}-{0..3}
printf '%s\n' "case resident" "$(plugin_step ADD few few-warm few-warm "$directory/few/warm")" | "$timer" --runs 1 - >/dev/null
{
  echo "case default network"
  both plugin_step few default-{i} few-default-{slot}
  echo "case network with a pod"
  both plugin_step few warm-{i} few-warm-{slot} "$directory/few/warm"
  echo "case network without a pod"
  both plugin_step few cold-{i} few-cold-{slot} "$directory/few/cold"
} | time_plan few --runs "$runs" --slots 4 --pause 60000
for verb in ADD DEL; do
  ratio "$verb in an instance : in the default network" 1.2 "≤" few "network with a pod" $verb few "default network" $verb
done
cold=$(median few "network without a pod" ADD) warm=$(median few "network with a pod" ADD)
row "first ADD in a network, beyond a later one" "$(calculate "($cold - $warm) / 1000")" 5 "≤" ms \
  "$(milliseconds "$cold") − $(milliseconds "$warm")"
cold=$(median few "network without a pod" DEL) warm=$(median few "network with a pod" DEL)
report "last DEL in a network, beyond an earlier one" "$(calculate "($cold - $warm) / 1000")" ms \
  "$(milliseconds "$cold") − $(milliseconds "$warm")"

instances=$((runs >= 200 ? 300 : runs * 3))
window=$((instances >= 60 ? 30 : instances / 2))
title "$instances networks with 3 pods each: the first and the last $window"
make_node many
for ((i = 0; i < instances; i++)); do definition "many-$i" 172.16.0.0/16 fd00:172:1::/64; done | apply many
for ((i = 0; i < instances; i++)); do in_network many "many-$i" >"$directory/many/$i"; done
make_namespaces $(seq -f "many-1-%g" 0 $((instances - 1))) $(seq -f "many-2-%g" 0 $((instances - 1))) \
  $(seq -f "many-3-%g" 0 $((instances - 1))) $(seq -f "many-4-%g" 0 $((instances - 1)))
# kB that the kernel holds and cannot give back at once.
kernel_memory() { awk '/^(SUnreclaim|Percpu|KernelStack|PageTables|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo; }
before=$(kernel_memory)
{
  echo "case plugin"
  for n in 1 2 3; do
    plugin_step ADD many "many-$n-{i}" "many-$n-{i}" "$directory/many/{i}" | sed "s/^step ADD/step pod $n/"
  done
} | time_plan many --runs "$instances" --window "$window"
after=$(kernel_memory)
# A fourth pod each tells what a pod takes.
{
  echo "case plugin"
  plugin_step ADD many "many-4-{i}" "many-4-{i}" "$directory/many/{i}"
} | time_plan fourth --runs "$instances"
pods=$(kernel_memory)
ratio "first pod of an instance, the last $window : the first $window of $instances" 1.5 "≤" many plugin "pod 1 last" many plugin "pod 1 first"
ratio "third pod of an instance, the last $window : the first $window of $instances" 1.5 "≤" many plugin "pod 3 last" many plugin "pod 3 first"
report "kernel memory of an instance" "$(calculate "($after - $before - 3 * ($pods - $after)) / $instances")" kB \
  "with 3 pods $(calculate "int(($after - $before) / $instances)") kB, each further pod $(calculate "int(($pods - $after) / $instances)") kB"
