# Allowed address pairs: what they cost an ADD, what a thousand of them on a network cost the next, and for how long nobody
# answers at an address that moves.

# What a meta-plugin passes for an interface in a network: with the pairs on the standard input, one "ADDRESS [MODE]" a line.
with_pairs() { # NODE NETWORK
  awk '{ list = list separator "{\"ip\": \"" $1 "\", \"addressMode\": \"" $2 "\"}"; separator = ", " }
    END { print list }' >"$directory/list"
  in_network "$1" "$2" | awk -v list="$(<"$directory/list")" '
    /^  "contrail"/ { print "  \"args\": {\"cni\": {\"net.juniper.contrail.allowedAddressPairs\": [" list "]}}," } { print }'
}
# COUNT addresses from number FROM on, no two of which make a network.
addresses() { # BASE FROM COUNT MODE
  awk -v base="$1" -v from="$2" -v count="$3" -v mode="${4:-}" 'BEGIN {
    for (i = from; i < from + count; i++) print base "." 100 + int(i / 125) "." i % 125 * 2 + 1, mode }'
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

title "For how long nobody answers at an address that keepalived moves (an advertisement every 0.2 s)"
make_node moving
definition shared 172.20.0.0/16 fd00:172:20::/64 | apply moving
make_namespaces moving-{0,1,client}
in_network moving shared >"$directory/moving/client"
attach moving moving-client "$directory/moving/client"
echo 172.20.100.100 | with_pairs moving shared >"$directory/moving/router"
keepalived() { # NUMBER: with the higher priority in pod 0
  nsenter --net=/run/netns/moving-"$1" keepalived --vrrp --dont-fork --log-console \
    --use-file="$directory/moving/$1.conf" --pid="$directory/moving/$1.pid" \
    --vrrp_pid="$directory/moving/$1.vrrp" >>"$directory/moving/$1.log" 2>&1 &
  daemons[$1]=$!
  disown
}
holds() { ip -n moving-"$1" -4 address show dev eth0 | grep -q 172.20.100.100; } # NUMBER
wait_until() { # COMMAND…: 20 s at most
  local tries=200
  until "$@"; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep 0.1
  done
}
gone() { ! kill -0 "$1" 2>/dev/null; } # PID
happens() { # EVENT
  case "$1" in
  stop) kill "${daemons[0]}" ;;
  kill) kill -KILL "$(<"$directory/moving/0.vrrp")" "${daemons[0]}" ;;
  "cut off") ip -n moving-0 link set eth0 down ;;
  esac
}
recovers() { # EVENT
  if [ "$1" = "cut off" ]; then
    ip -n moving-0 link set eth0 up
  else
    wait_until gone "${daemons[0]}"
    keepalived 0
  fi
  wait_until holds 0
}
daemons=()
for number in 0 1; do
  attach moving moving-$number "$directory/moving/router"
  sed "s/172.16.30.100/172.20.100.100/; s/interface eth1/interface eth0/; s/priority .*/priority $((200 - number))/" \
    examples/keepalived.conf >"$directory/moving/$number.conf"
  keepalived $number
done
wait_until holds 0
: >"$directory/outages"
times=$((runs / 40 > 1 ? runs / 40 : 1))
for ((i = 0; i < times; i++)); do
  for event in stop kill "cut off"; do
    sleep 1
    nsenter --net=/run/netns/moving-client ping -n -D -i 0.01 -w 8 172.20.100.100 >"$directory/pings" &
    sleep 0.5
    happens "$event"
    wait_until holds 1
    wait $!
    # The longest time between two answers that came one after the other.
    awk -v event="$event" -F '[][]' '/bytes from/ { if (last && $2 - last > gap) gap = $2 - last; last = $2 }
      END { print event "\t" gap * 1000 }' "$directory/pings" >>"$directory/outages"
    recovers "$event"
  done
done
for event in stop kill "cut off"; do
  awk -F '\t' -v event="$event" '$1 == event { print $2 }' "$directory/outages" | sort -n >"$directory/gaps"
  report "outage when the master is: $event" "$(sed -n "$(((times + 1) / 2))p" "$directory/gaps")" ms \
    "of $times: $(head -n 1 "$directory/gaps") to $(tail -n 1 "$directory/gaps") ms"
done
kill "${daemons[@]}"
daemons=()
