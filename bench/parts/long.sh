# Nothing grows with the number of pods that there were.

pairs=$((runs >= 200 ? 5000 : runs * 25))
window=$((pairs >= 200 ? 100 : pairs / 2))
title "$pairs pairs of ADD and DEL, one after the other: the first and the last $window"
make_node long
attach_resident long
make_namespaces long-{plugin,floor}-{0..15}
long_plan() { # [floor]: with the floor beside it
  echo "case plugin"
  both plugin_step long long-{i} long-plugin-{slot}
  if [ $# = 1 ]; then
    echo "case floor"
    both floor_step long {n} long-floor-{slot}
  fi
}
long_plan floor | time_plan first --runs "$window" --slots 16 --pause "$quiet"
long_plan | time_plan between --runs $((pairs - 2 * window)) --first "$window" --slots 16
long_plan floor | time_plan last --runs "$window" --first $((pairs - window)) --slots 16 --pause "$quiet"
for verb in ADD DEL; do
  ratio "$verb, the last $window : the first $window of $pairs" 1.15 "≤" last plugin $verb first plugin $verb
done
