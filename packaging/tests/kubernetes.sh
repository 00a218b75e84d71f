# The installer of Kubernetes nodes, as it runs in its image, with the node's directories below /host.
echo "# packaging/kubernetes"
manifest=packaging/kubernetes/contrail-k8s-cni.yaml
check "the manifest's configuration is cni-conf's" bash -c \
  "sed -n '/conflist: |/,/^---/s/^    //p' $manifest | cmp - cni-conf/10-contrail.conflist"
check "its image has this version" bash -c "! grep 'image:' $manifest | grep -v 'contrail-k8s-cni:$version\$'"
if ! command -v busybox >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "skip the installer: needs root and busybox: scripts/bootstrap packages"
  return
fi
. packaging/tests/image.sh
pod="$work/pod"
mkdir -p "$work/context"
cp "$tarball" "$work/context/"
check "its Dockerfile makes an image of the tarball" image "$pod" packaging/kubernetes/Dockerfile "$work/context"
in_image() { env -i PATH=/bin CONFIG="${config:-/config/10-contrail.conflist}" setsid --wait /usr/sbin/chroot "$pod" "$@"; }
node() { in_image "${image_command[0]}" "$@"; }
check "a container of it starts, and says what is there" bash -c "$(declare -f in_image); pod=$pod; in_image ${image_command[*]} | grep 'current: '"
check "contrailctl is in it" in_image contrailctl version
mkdir -p "$pod"/{host,config}
cp cni-conf/10-contrail.conflist "$pod/config/"
bin="$pod/host/opt/cni/bin/contrail-k8s-cni" conf="$pod/host/etc/cni/net.d/10-contrail.conflist"
# A second version: another plugin and another configuration.
version_of() { # NUMBER
  cp "$unpacked/bin/contrail-k8s-cni" "$pod/contrail-k8s-cni/bin/contrail-k8s-cni"
  [ "$1" = 1 ] || printf '%s' "version $1" >>"$pod/contrail-k8s-cni/bin/contrail-k8s-cni"
  sed "s/\"k8s\"/\"cluster-$1\"/" cni-conf/10-contrail.conflist >"$pod/config/10-contrail.conflist"
  (cd "$pod/contrail-k8s-cni" && find . -type f ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS)
  cp "$pod/contrail-k8s-cni/bin/contrail-k8s-cni" "$work/plugin-$1"
  cp "$pod/config/10-contrail.conflist" "$work/configuration-$1"
}
runs() { cmp "$bin" "$work/plugin-$1" && cmp "$conf" "$work/configuration-$1"; }

version_of 1
check "there is nothing to go back to" fails node rollback
check "it installs" node install
check "the node has plugin and configuration" runs 1
check "it may run again" node install
check "… and changes nothing then" bash -c "$(declare -f in_image); pod=$pod; ! in_image ${image_command[0]} install | grep installed"
version_of 2
check "the next version" node install
check "replaces both" runs 2
check "roll back" node rollback
check "goes back to both" runs 1
check "once more" node rollback
check "goes forward again" runs 2
for broken in '{"cniVersion": "1.0.0", "name"' "$(sed 's|10.32.0.0/12|10.32.0.1/12|' cni-conf/10-contrail.conflist)"; do
  printf '%s' "$broken" >"$pod/config/broken"
  config=/config/broken
  refused() { ! node install 2>"$work/says" && grep 'is refused' "$work/says"; }
  check "a configuration that cannot be read is refused" refused
  check "and the node keeps what it has" runs 2
done
config=''
echo x >>"$pod/contrail-k8s-cni/README.md"
check "so is an image that is not whole" fails node install
check "and the node keeps what it has" runs 2

# Killed before every command that changes something, and in the middle of every copy: a runtime never finds half a file, nor a
# configuration without its plugin, and the next run finishes. The script that is killed has functions before its commands,
# which count them.
mkdir "$pod/killed"
cat >"$work/functions" <<'FUNCTIONS'
counted() {
  command=$1
  shift
  when=$(cat /killed/when)
  [ $when = before ] || [ $command = cp ] || { command $command "$@"; return; }
  count=$(($(cat /killed/count) + 1))
  echo $count >/killed/count
  if [ $count = "$(cat /killed/at)" ]; then
    [ $when = before ] || head -c 1000 "$1" >"$2"
    echo killed >/killed/says
    kill -9 0
  fi
  command $command "$@"
}
FUNCTIONS
for command in cp mv chmod rm mkdir mktemp sync; do echo "$command() { counted $command \"\$@\"; }"; done >>"$work/functions"
sed "/^set -eu\$/r $work/functions" packaging/kubernetes/install-node >"$pod/killed/install-node"
chmod 755 "$pod/killed/install-node"
# whole: what a runtime may find is one of the versions, never a part of one.
whole() {
  local file candidate
  for file in "$bin" "$conf"; do
    for candidate in "$work"/plugin-* "$work"/configuration-*; do cmp -s "$file" "$candidate" && continue 2; done
    [ ! -e "$file" ] || return 1
  done
  [ -e "$bin" ] || [ ! -e "$conf" ]
}
# killed_everywhere WHAT BEFORE AFTER: runs `install-node WHAT` on a node as the directory BEFORE has it, and kills it at each
# command in turn; then the function AFTER must succeed.
killed_everywhere() {
  local at when kills=0 halves='' unfinished=''
  for when in before half; do
    echo $when >"$pod/killed/when"
    for ((at = 1; ; at++)); do
      rm -rf "$pod/host"
      cp -a "$2" "$pod/host"
      echo 0 >"$pod/killed/count"
      echo $at >"$pod/killed/at"
      rm -f "$pod/killed/says"
      in_image /killed/install-node "$1" >/dev/null 2>&1
      [ -e "$pod/killed/says" ] || break
      kills=$((kills + 1))
      whole || halves="$halves $when:$at"
      "$3" >/dev/null 2>&1 || unfinished="$unfinished $when:$at"
    done
  done
  echo "killed $kills times; half a file: ${halves:-never}; not finished by the next run: ${unfinished:-never}"
  [ "$kills" -ge 10 ] && [ -z "$halves$unfinished" ]
}
finishes() { node install && runs 3; }
goes_back() { node rollback && whole; }
mkdir "$work/empty"
rm -rf "$pod/host"/*
version_of 2
check "a node with a version" node install
cp -a "$pod/host" "$work/with-2"
version_of 3
check "and the next" node install
cp -a "$pod/host" "$work/with-3"
check "killed everywhere on an empty node, it left no half of a file, and the next run finished" \
  killed_everywhere install "$work/empty" finishes
check "so it does where an earlier version is" killed_everywhere install "$work/with-2" finishes
check "and when it goes back, and the next time as well" killed_everywhere rollback "$work/with-3" goes_back
check "the version can be had again" node install
check "and the one before" node rollback
check "nothing is left of what was killed" bash -c "! find $pod/host -name '.*.new' | grep ."
check "it takes the configuration away" node uninstall
check "and leaves the plugin, for the pods that run" test -x "$bin" -a ! -e "$conf"
