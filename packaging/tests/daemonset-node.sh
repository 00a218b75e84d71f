# Run by daemonset.sh in namespaces of its own: a node, whose directories are those of the test.
set -uo pipefail
manifest=packaging/kubernetes/contrail-k8s-cni.yaml
. scripts/check-common
. packaging/tests/image.sh

# As systemd has it: everything is shared, and /run is in memory.
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /var/log
mount --make-shared /run
node="$work/node"
ip link set lo up
echo node1 >/proc/sys/kernel/hostname

# of LIST: the entries of a list of the manifest, each in a line and in braces.
volumes() { sed -n 's/^ *- {name: \([a-z]*\), hostPath: {path: \([^,]*\),.*/\1 \2/p' "$manifest"; }
mounts() { # CONTAINER
  awk -v container="$1" '/^ *- name: / { inside = $3 == container } inside && /mountPath/' "$manifest" |
    sed 's/.*name: \([a-z]*\), mountPath: \([^,}]*\)\(.*\)/\1 \2 \3/'
}
# Where a path of the node is here: the plugin's and the runtime's are real ones, others belong to the test.
here() { case "$1" in /run/* | /var/run/* | /var/lib/contrail) echo "$1" ;; *) echo "$node$1" ;; esac; }
# container NAME COMMAND...: in a mount namespace with the manifest's mounts, and in no other way apart from the node.
container() {
  local name=$1 root="$work/$1" volume path rest host
  shift
  while read -r volume path rest; do
    mkdir -p "$root$path"
    if [ "$volume" = config ]; then
      mount --bind "$work/config" "$root$path"
      continue
    fi
    host=$(volumes | awk -v volume="$volume" '$1 == volume { print $2 }')
    [ -n "$host" ] || { echo "no volume $volume"; return 1; }
    host=$(here "$host")
    # DirectoryOrCreate.
    mkdir -p "$host"
    mount --rbind "$host" "$root$path"
    case "$rest" in
    *Bidirectional*) ;;
    *HostToContainer*) mount --make-rslave "$root$path" ;;
    *) mount --make-rprivate "$root$path" ;;
    esac
    case "$rest" in *"readOnly: true"*) mount -o remount,bind,ro "$root$path" ;; esac
  done < <(mounts "$name")
  mount -t proc proc "$root/proc"
  exec env -i PATH=/bin $(environment "$name") /usr/sbin/chroot "$root" "$@"
}
environment() { # CONTAINER
  awk -v container="$1" '/^ *- name: / { inside = $3 == container } inside && /env:/' "$manifest" |
    sed 's/.*{name: \([A-Z_]*\), value: \([^}]*\)}.*/\1=\2/'
}

mkdir "$work/config" "$node"
sed -n '/conflist: |/,/^---/{s/^    //p}' "$manifest" >"$work/config/10-contrail.conflist"
for name in install contrailctl; do
  check "an image for container $name" image "$work/$name" packaging/kubernetes/Dockerfile "$work/context"
done
export -f container volumes mounts here environment
export manifest node
in_namespace=(unshare --mount --propagation unchanged bash -c 'container "$@"' -)
check "the init container installs" "${in_namespace[@]}" install "${image_command[0]}" install
check "the node has the plugin" cmp "$unpacked/bin/contrail-k8s-cni" "$node/opt/cni/bin/contrail-k8s-cni"
check "the node has the configuration" cmp cni-conf/10-contrail.conflist "$node/etc/cni/net.d/10-contrail.conflist"
"${in_namespace[@]}" contrailctl sleep 600 &
started=$!
trap 'kill $started' EXIT
starts() { [ "$(cat "/proc/$started/comm")" = sleep ]; }
check "the other one starts" eventually starts
in_container() { nsenter --mount="/proc/$started/ns/mnt" env -i PATH=/bin $(environment contrailctl) /usr/sbin/chroot "$work/contrailctl" "$@"; }
check "it says which version the node has" bash -c "$(declare -f in_container environment); started=$started
  in_container ${image_command[0]} status | grep -E '^current: [0-9a-f]{12}'"

# What the runtime does, on the node.
call() { # VERB POD
  sed -n '/^    {/,/^    }/p' "$node/etc/cni/net.d/10-contrail.conflist" | sed '1s/{/{"cniVersion": "1.0.0", "name": "contrail-k8s-cni",/' |
    env -i CNI_COMMAND="$1" CNI_CONTAINERID="$2" CNI_NETNS="/var/run/netns/$2" CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin \
      CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=$2" "$node/opt/cni/bin/contrail-k8s-cni"
}
pod() { ip netns add "$1" && ip -n "$1" link set lo up && call ADD "$1"; }
says() { # TEXT COMMAND...
  local text=$1
  shift
  "$@" >"$work/said" 2>&1
  grep -F -- "$text" "$work/said" || { cat "$work/said"; return 1; }
}
apply() { in_container contrailctl apply -f - <"$1"; }
check "definitions are applied in the container" apply examples/left-right.yaml
check "so are pods" apply examples/left-right-pods.yaml
check "a pod starts" pod left-pod
check "another one" pod right-pod
right=$(ip -n right-pod -4 -o address show dev eth1 | awk '{ sub("/.*", "", $4); print $4 }')
reaches() { nsenter --net=/run/netns/left-pod ping -q -c 1 -W 10 "$right"; }
check "the container follows packets into pods that started after it" says 'cannot talk' in_container contrailctl trace left-pod "$right"
check "a router is applied in the container" apply examples/router.yaml
check "the pods that run reach each other" reaches
check "their networks' connection is pinned on the node" mountpoint /run/contrail/netns/transit
check "the container sees that" says 'can talk' in_container contrailctl trace left-pod "$right"
check "and finds nothing wrong" in_container contrailctl doctor
check "a pod is gone" bash -c "$(declare -f call); node=$node; call DEL right-pod && ip netns del right-pod"
check "the container finds nothing wrong" in_container contrailctl doctor
check "the other one is gone" bash -c "$(declare -f call); node=$node; call DEL left-pod && ip netns del left-pod"
check "and nothing is left of their networks, in the container either" bash -c "$(declare -f in_container environment); started=$started
  ! ls /run/contrail/netns | grep . && ! in_container grep run/contrail/netns/ /proc/self/mountinfo"
