# Many definitions and attachments in the stores, and a listing of them while pods come and go.

networks=$((runs >= 200 ? 10000 : runs * 50))
attachments=$((networks * 5)) # of two addresses each
title "$networks NADs and $((2 * attachments)) InstanceIPs in the store, and none"
for node in bare stocked; do
  make_node $node
  definition red 172.16.0.0/16 fd00:172:1::/64 | apply $node
  with_networks $node red >"$directory/$node/red"
  attach_resident $node "$directory/$node/red"
done
for ((i = 0; i < networks; i++)); do definition "stock-$i" 172.17.0.0/16 fd00:172:2::/64; done | apply stocked
# Rows like the resident's default interface, with addresses from 10.40.0.2 on; the pool knows that they are taken.
database="$memory/stocked/attachments.db"
awk -v count="$attachments" 'BEGIN {
  print "PRAGMA synchronous = OFF; BEGIN;"
  print "CREATE TEMP TABLE a AS SELECT * FROM attachment LIMIT 1;"
  print "CREATE TEMP TABLE i AS SELECT * FROM interface WHERE attachment = (SELECT id FROM a) AND position = 0;"
  print "CREATE TEMP TABLE p4 AS SELECT pool AS id FROM allocation WHERE hex(address) LIKE \"0A20____\";"
  print "CREATE TEMP TABLE p6 AS SELECT pool AS id FROM allocation WHERE hex(address) LIKE \"FD0000100032%\";"
  base4 = 10 * 16777216 + 40 * 65536 + 2
  for (n = 0; n < count; n++) {
    v4 = sprintf("%08x", base4 + n)
    v6 = sprintf("fd0000100032000000000000%08x", 65537 + n)
    id = 1000000 + n
    printf "UPDATE a SET id = %d, container = \"stock-%d\", pod_name = \"stock-%d\", pod_uid = \"stock-%d\";", id, n, n, n
    print "INSERT INTO attachment SELECT * FROM a;"
    printf "UPDATE i SET attachment = %d, uuid = randomblob(16), host_name = printf(\"vmis%%010x\", %d), mac = %d,", id, n, 2199023255552 + n
    printf " addresses = x\x27" "0c0401%s0a2000014010" "01%sfd000010003200000000000000000001\x27;", v4, v6
    print "INSERT INTO interface SELECT * FROM i;"
    printf "INSERT INTO allocation SELECT id, x\x27%s\x27, \"stock-%d\", \"eth0\", \"\" FROM p4 LIMIT 1;", v4, n
    printf "INSERT INTO allocation SELECT id, x\x27%s\x27, \"stock-%d\", \"eth0\", \"\" FROM p6 LIMIT 1;\n", v6, n
  }
  # What is left of the free ranges.
  printf "INSERT INTO free_range SELECT pool, x\x27%08x\x27, first FROM free_range WHERE hex(last) = \"0A2FFFFE\";", base4 - 1
  printf "UPDATE free_range SET first = x\x27%s\x27 WHERE hex(last) = \"0A2FFFFE\";\n", v4
  printf "INSERT INTO free_range SELECT pool, x\x27fd000010003200000000000000010000\x27, first FROM free_range WHERE hex(last) = \"FD00001000320000FFFFFFFFFFFFFFFF\";"
  printf "UPDATE free_range SET first = x\x27%s\x27 WHERE hex(last) = \"FD00001000320000FFFFFFFFFFFFFFFF\";\n", v6
  print "COMMIT;"
}' | sqlite3 "$database"
printf '  %d attachments, %d addresses, %d networks\n' "$(sqlite3 "$database" 'SELECT count(*) FROM attachment')" \
  "$(sqlite3 "$database" 'SELECT count(*) FROM allocation')" \
  "$(sqlite3 "$directory/stocked/state/objects.db" 'SELECT count(*) FROM network')"
make_namespaces {bare,stocked}-{one,two}-{0..3}
{
  for node in bare stocked; do
    echo "case $node, default network"
    both plugin_step $node one-{i} $node-one-{slot}
    echo "case $node, two networks"
    both plugin_step $node two-{i} $node-two-{slot} "$directory/$node/red"
  done
} | time_plan store --runs "$runs" --slots 4 --pause "$quiet"
for verb in ADD DEL; do
  for networks in "default network" "two networks"; do
    ratio "$verb, $networks, full store : empty store" 1.2 "≤" store "stocked, $networks" $verb store "bare, $networks" $verb
  done
done

title "The same while contrailctl get vmi -A runs all the time"
list() { "$contrailctl" get vmi -A --conf "$directory/stocked/stdin"; }
list >"$directory/listing"
printf '  %d interfaces listed\n' "$(grep -c '' "$directory/listing")"
while list >/dev/null; do :; done &
listing=$!
{
  for node in bare stocked; do
    echo "case $node"
    both plugin_step $node listed-{i} $node-one-{slot}
  done
} | time_plan listed --runs "$runs" --slots 4 --pause "$quiet"
kill $listing
wait $listing 2>/dev/null || true
a=$(field listed stocked ADD 6) b=$(field listed bare ADD 6)
report "p90 of ADD while its store is listed, beyond one whose is not" "$(calculate "($a - $b) / 1000")" ms \
  "$(milliseconds "$a") − $(milliseconds "$b")"
# Nothing but these calls is stopped for strace, so that the times are nearly those without it.
strace -f --seccomp-bpf -ttt -e trace=openat,fcntl,close -o "$directory/locks" "$contrailctl" get vmi -A \
  --conf "$directory/stocked/stdin" >/dev/null
awk '/openat\(.*\/locks\/store/ { file = $NF }
  /fcntl\(.*F_OFD_SETLK/ && file != "" && index($0, "fcntl(" file ",") && / = 0$/ { since = $2 }
  /close\(/ && since && index($0, "close(" file ")") { held = ($2 - since) * 1e3; if (held > most) most = held; sum += held; n++; since = 0; file = "" }
  END { print most + 0, sum + 0, n + 0 }' "$directory/locks" >"$directory/holds"
read -r most sum holds <"$directory/holds"
row "longest hold of the store's lock by get vmi -A" "$most" 20 "≤" ms "$holds holds, $(awk -v s="$sum" 'BEGIN { printf "%.0f", s }') ms in all"
