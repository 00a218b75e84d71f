# What the parts of scripts/bench share: nodes, pods, steps of a plan (bench/timer.c), results.

directory=$(mktemp -d /tmp/contrail-bench.XXXXXX)
# The run directory is in memory, as /run is on a node; /dev/shm stands in where /run is a disk.
memory=/run
[ "$(stat -f -c %T /run)" = tmpfs ] || memory=/dev/shm
memory=$(mktemp -d "$memory/contrail-bench.XXXXXX")
clean_up() {
  # Programs that a part started, then the pins of routing instances; those of other namespaces go with this mount
  # namespace.
  local jobs
  jobs="$(jobs -p) ${daemons[*]:-}"
  [ "$jobs" = " " ] || kill $jobs 2>/dev/null || true
  awk -v below="$memory/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | sort -r | xargs -r umount -l || true
  rm -rf "$directory" "$memory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
mkdir -p /run/netns
mount -t tmpfs none /run/netns

# Namespaces

make_namespaces() { printf 'netns add %s\n' "$@" | ip -batch -; } # NAME…

# A node whose state is in $directory/NODE and $memory/NODE.
make_node() { # NODE
  mkdir -p "$directory/$1"
  make_namespaces "$1" "$1-resident"
  ip -n "$1" link set lo up
  scripts/plugin-configuration "$directory/$1" "$memory/$1" >"$directory/$1/stdin"
}

# A first pod, so that the bridges and the tables are there.
attach_resident() { # NODE [STDIN]
  printf '%s\n' "case resident of $1" "$(plugin_step ADD "$1" "$1-resident" "$1-resident" "${2:-}")" |
    "$timer" --runs 1 - >/dev/null
}

# What several parts compare with: a node with one pod.
need_near() {
  [ ! -e "$directory/near" ] || return 0
  make_node near
  attach_resident near
}

# Networks

definition() { # NAME V4SUBNET V6SUBNET: a manifest
  printf '%s\n' --- 'apiVersion: k8s.cni.cncf.io/v1' 'kind: NetworkAttachmentDefinition' "metadata:" "  name: $1" \
    "  namespace: default" '  annotations:' \
    "    juniper.net/networks: '{\"ipamV4Subnet\": \"$2\", \"ipamV6Subnet\": \"$3\"}'" 'spec:' \
    "  config: '{\"cniVersion\": \"1.0.0\", \"name\": \"$1\", \"type\": \"contrail-k8s-cni\"}'"
}
# The manifests on the standard input. Networks are independent: they may well have the same subnets.
apply() { "$contrailctl" apply -f - --conf "$directory/$1/stdin" >"$directory/applied" || cat "$directory/applied" >&2; } # NODE

# What the plugin reads for a pod whose annotation asks for networks beside the default one.
with_networks() { # NODE NETWORK,…
  awk -v networks="$2" '{ print }
    /^  "name":/ { print "  \"runtimeConfig\": {\"io.kubernetes.cri.pod-annotations\": {\"k8s.v1.cni.cncf.io/networks\": \"" networks "\"}}," }' \
    "$directory/$1/stdin"
}
# The same as a meta-plugin gives it: exactly this network, whatever the interface's name.
in_network() { # NODE NETWORK
  sed "s,\"contrail\": {,\"contrail\": { \"network\": \"default/$2\"\,," "$directory/$1/stdin"
}
pin() { echo "$memory/$1/netns/default.$2"; } # NODE NETWORK: the namespace of its routing instance

# Steps of a plan

step_of() { # VERB NODE CONTAINER POD STDIN
  process_of "$@" "step $1"
}
process_of() { # VERB NODE CONTAINER POD STDIN DIRECTIVE
  printf '%s\n' "node /run/netns/$2" "$6" "env CNI_COMMAND=$1" "env CNI_CONTAINERID=$3" \
    "env CNI_NETNS=/run/netns/$4" "env CNI_IFNAME=eth0" "env CNI_PATH=$foreign" \
    "env CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=$3;K8S_POD_UID=$3" "stdin $5"
}
plugin_step() { # VERB NODE CONTAINER POD [STDIN]
  step_of "$1" "$2" "$3" "$4" "${5:-$directory/$2/stdin}"
  echo "run $plugin"
}
foreign_step() { # VERB NODE CONTAINER POD
  step_of "$1" "$2" "$3" "$4" "$directory/foreign.stdin"
  echo "env PATH=/usr/sbin:/usr/bin:/sbin:/bin"
  echo "run $foreign/bridge"
}
floor_step() { # VERB NODE NUMBER POD [INSTANCE…]
  local verb=$1 node=$2 number=$3 pod=$4 index
  shift 4
  index=$(ip -n "$node" -o link show contrail0 | cut -d : -f 1)
  printf '%s\n' "node /run/netns/$node" "step $verb" "run $floor ${verb,,} /run/netns/$pod $number $index $*"
}
both() { # KIND NODE ID POD …: ADD, then DEL
  local kind=$1
  shift
  "$kind" ADD "$@"
  "$kind" DEL "$@"
}

# Debian's plugins: a configuration for the standard input.
foreign_configuration() { # NAME BRIDGE V4SUBNET V6SUBNET
  cat <<JSON
{"cniVersion": "1.0.0", "name": "$1", "type": "bridge", "bridge": "$2", "isGateway": true, "ipMasq": false,
 "hairpinMode": true, "mtu": 1500,
 "ipam": {"type": "host-local", "dataDir": "$memory/host-local",
          "ranges": [[{"subnet": "$3"}], [{"subnet": "$4"}]],
          "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}
JSON
}

# Results

# The unit of a results file of bench/timer.c is µs.
time_plan() { # RESULTS OPTION…: the plan comes on the standard input
  local results="$directory/$1.results"
  shift
  "$timer" "$@" - >"$results"
  awk -F '\t' '{ printf "  %-28s %-10s %5d runs   %8.2f %8.2f %8.2f ms   %6.1f MB\n", $1, $2, $3, $4/1e3, $5/1e3, $6/1e3, $7/1024 }' "$results"
}
field() { # RESULTS CASE STEP COLUMN
  awk -F '\t' -v c="$2" -v s="$3" -v f="$4" '$1 == c && $2 == s { print $f }' "$directory/$1.results"
}
minimum() { field "$1" "$2" "$3" 4; }
median() { field "$1" "$2" "$3" 5; }
milliseconds() { awk -v t="$1" 'BEGIN { printf "%.2f ms", t / 1000 }'; }
calculate() { awk "BEGIN { print $* }"; }

table="$directory/table"
: >"$table"
row() { # FIGURE MEASURED LIMIT COMPARISON UNIT DETAIL
  awk -v figure="$1" -v value="$2" -v limit="$3" -v comparison="$4" -v unit="$5" -v detail="$6" 'BEGIN {
    reached = comparison == "≤" ? value <= limit : value >= limit
    printf "| %s | %.2f %s | %s %s %s | %s | %s |\n", figure, value, unit, comparison, limit, unit, reached ? "yes" : "NO", detail }' >>"$table"
}
# A row without a limit.
report() { # FIGURE MEASURED UNIT DETAIL
  printf '| %s | %.2f %s | | | %s |\n' "$1" "$2" "$3" "$4" >>"$table"
}
# ratio FIGURE LIMIT COMPARISON RESULTS-A CASE-A STEP-A RESULTS-B CASE-B STEP-B: the ratio of two medians
ratio() {
  local a b best
  a=$(median "$4" "$5" "$6") b=$(median "$7" "$8" "$9")
  best=$(awk -v a="$(minimum "$4" "$5" "$6")" -v b="$(minimum "$7" "$8" "$9")" 'BEGIN { printf "%.2f", a / b }')
  row "$1" "$(calculate "$a / $b")" "$2" "$3" "×" "$(milliseconds "$a") : $(milliseconds "$b"); of the minima $best ×"
}

title() { printf '\n%s\n' "$*"; }

# How many system calls of which kind an ADD and a DEL make.
trace_calls() { # NODE POD STDIN
  local verb
  for verb in ADD DEL; do
    env CNI_COMMAND=$verb CNI_CONTAINERID=traced CNI_NETNS="/run/netns/$2" CNI_IFNAME=eth0 \
      nsenter "--net=/run/netns/$1" strace -f -o "$directory/trace" "$plugin" <"$3" >/dev/null
    awk -v verb=$verb 'match($0, /^[0-9]+ +[a-z0-9_]+\(/) { call = $2; sub(/\(.*/, "", call); count[call]++; all++ }
      END { for (call in count) print count[call], call, verb, all }' "$directory/trace" | sort -k1,1nr -k2 |
      awk 'NR == 1 { printf "  %s %d:", $3, $4 } { printf " %s %d", $2, $1 } END { print "" }'
  done
}
