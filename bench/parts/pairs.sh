# Allowed address pairs: what they cost an ADD, what a thousand of them on a network cost the next, and for how long nobody
# answers at an address that moves.

# What a meta-plugin passes for an interface in a network: with the pairs on the standard input, one "ADDRESS [MODE]" a line.
with_pairs() { # NODE NETWORK
  awk '{ list = list separator "{\"ip\": \"" $1 "\", \"addressMode\": \"" $2 "\"}"; separator = ", " }
    END { print list }' >"$directory/list"
  in_network "$1" "$2" | awk -v list="$(<"$directory/list")" '
    /^  "contrail"/ { print "  \"args\": {\"cni\": {\"net.juniper.contrail.allowedAddressPairs\": [" list "]}}," } { print }'
}
# COUNT addresses from number FROM on, above BASE.100.0.
addresses() { # BASE FROM COUNT MODE
  awk -v base="$1" -v from="$2" -v count="$3" -v mode="${4:-}" 'BEGIN {
    for (i = from; i < from + count; i++) print base "." 100 + int(i / 250) "." i % 250 + 1, mode }'
}

title "Ten allowed address pairs, beside none"
# A node with few pairs, and one with many.
for node in few many; do
  make_node $node
  for name in plain inside outside shared; do definition "$name" 172.20.0.0/16 fd00:172:20::/64; done | apply $node
done
in_network few plain >"$directory/few/none"
addresses 172.20 0 10 | with_pairs few plain >"$directory/few/ten"
make_namespaces pairs-{none,ten}-{0..3}
attach_resident few "$directory/few/none"
{
  echo "case none"
  both plugin_step few none-{i} pairs-none-{slot} "$directory/few/none"
  echo "case ten"
  both plugin_step few ten-{i} pairs-ten-{slot} "$directory/few/ten"
} | time_plan ten --runs "$runs" --slots 4 --pause "$quiet"
ratio "ADD with 10 pairs : without" 1.3 "≤" ten ten ADD ten none ADD

thousand=$((runs >= 200 ? 1000 : runs * 5))
title "One pair more on a network that has $thousand, beside the first"
attach() { # NODE POD STDIN
  printf '%s\n' "case $2" "$(plugin_step ADD "$1" "$2" "$2" "$3")" | "$timer" --runs 1 - >/dev/null
}
# In the subnet, outside of it, and several holders' at once.
for kind in inside outside shared; do
  base=172.20 mode=active-standby
  [ $kind != outside ] || base=10.77
  [ $kind != shared ] || mode=active-active
  make_namespaces pairs-$kind-{few,many}{,-{0..3}} pairs-$kind-{0..9}
  for node in few many; do
    in_network $node $kind >"$directory/$node/resident"
    attach $node pairs-$kind-$node "$directory/$node/resident"
    addresses $base 2000 1 $mode | with_pairs $node $kind >"$directory/$node/$kind"
  done
  for n in {0..9}; do
    addresses $base $((n * thousand / 10)) $((thousand / 10)) $mode | with_pairs many $kind >"$directory/many/holder"
    attach many pairs-$kind-$n "$directory/many/holder"
  done
  {
    echo "case first, $kind"
    both plugin_step few $kind-few-{i} pairs-$kind-few-{slot} "$directory/few/$kind"
    echo "case next, $kind"
    both plugin_step many $kind-many-{i} pairs-$kind-many-{slot} "$directory/many/$kind"
  } | time_plan thousand-$kind --runs "$runs" --slots 4 --pause "$quiet"
  ratio "ADD with one pair ($kind) beside $thousand : with the first" 2 "≤" \
    thousand-$kind "next, $kind" ADD thousand-$kind "first, $kind" ADD
done
