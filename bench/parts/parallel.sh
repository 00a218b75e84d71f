# Many pods at the same time.

parallel=64 rounds=$((runs / 10 > 0 ? runs / 10 : 1))
title "$parallel ADDs, then $parallel DELs, at the same time (a run is a whole batch)"
need_near
make_namespaces $(seq -f "many-plugin-%g" 0 $((parallel - 1))) $(seq -f "many-floor-%g" 0 $((parallel - 1)))
{
  echo "case plugin"
  plugin_step ADD near many-{n} many-plugin-{k}
  echo "output $directory/added-{n}"
  plugin_step DEL near many-{n} many-plugin-{k}
  echo "case floor"
  both floor_step near {k} many-floor-{k}
} | time_plan many --runs "$rounds" --parallel "$parallel" --pause 500000
for ((round = 0; round < rounds; round++)); do
  for ((k = 0; k < parallel; k++)); do
    grep -Eo '"address": *"[^"]*"' "$directory/added-$((round * parallel + k))"
  done | sort >"$directory/addresses"
  [ "$(sort -u "$directory/addresses" | wc -l)" = $((2 * parallel)) ] || {
    echo "bench: $parallel parallel ADDs did not get $((2 * parallel)) different addresses" >&2
    exit 1
  }
done
ratio "$parallel parallel ADDs, plugin : floor" 2 "≤" many plugin ADD many floor ADD
