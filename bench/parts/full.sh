# A bridge with as many pods as it holds.

pods=$((runs >= 200 ? 1000 : runs * 5))
title "With $pods pods attached"
need_near
make_node full
attach_resident full
make_namespaces $(seq -f "full-%g" 1 "$pods") near-{plugin,floor}-{0..3} far-{plugin,floor}-{0..3}
{
  echo "case filling"
  plugin_step ADD full full-{i} full-{i}
} | time_plan filling --runs $((pods - 1)) --first 1
{
  echo "case plugin, 1 pod"
  both plugin_step near near-{i} near-plugin-{slot}
  echo "case plugin, $pods pods"
  both plugin_step full far-{i} far-plugin-{slot}
  echo "case floor, 1 pod"
  both floor_step near {n} near-floor-{slot}
  echo "case floor, $pods pods"
  both floor_step full {n} far-floor-{slot}
} | time_plan full --runs "$runs" --slots 4 --pause "$quiet"
for verb in ADD DEL; do
  ratio "$verb, $pods pods : 1 pod" 1.5 "≤" full "plugin, $pods pods" $verb full "plugin, 1 pod" $verb
  ratio "$verb with $pods pods, plugin : floor" 1.8 "≤" full "plugin, $pods pods" $verb full "floor, $pods pods" $verb
done

if [ "$pods" = 1000 ]; then
  title "The 1,024th pod"
  make_namespaces $(seq -f "full-%g" 1001 1024)
  {
    echo "case filling"
    plugin_step ADD full full-{i} full-{i}
  } | time_plan more --runs 23 --first 1000
  status=0
  CNI_COMMAND=ADD CNI_CONTAINERID=full-1024 CNI_NETNS=/run/netns/full-1024 CNI_IFNAME=eth0 \
    ip netns exec full "$plugin" <"$directory/full/stdin" >"$directory/refused" || status=$?
  sed 's/^/  /' "$directory/refused"
  code=$(grep -Eo '"code": *[0-9]+' "$directory/refused" | grep -Eo '[0-9]+' || echo 0)
  row "the 1,024th pod is refused: code" "$((status == 0 ? 0 : code))" 11 "≥" "" "its message is above"
fi
