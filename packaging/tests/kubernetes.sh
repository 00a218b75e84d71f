# The installer of Kubernetes nodes, as it runs in its image: busybox, the unpacked tarball, the node's directories below /host.
echo "# packaging/kubernetes"
manifest=packaging/kubernetes/contrail-k8s-cni.yaml
check "the manifest's configuration is cni-conf's" bash -c \
  "sed -n '/conflist: |/,/^---/s/^    //p' $manifest | cmp - cni-conf/10-contrail.conflist"
check "its image has this version" bash -c "! grep 'image:' $manifest | grep -v 'contrail-k8s-cni:$version\$'"
if ! command -v busybox >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "skip the installer: needs root and busybox: scripts/bootstrap packages"
  return
fi
pod="$work/pod"
mkdir -p "$pod"/{bin,dev,tmp,host,config}
cp "$(command -v busybox)" "$pod/bin/"
mknod "$pod/dev/null" c 1 3
chroot "$pod" /bin/busybox --install -s /bin
cp -r "$unpacked" "$pod/contrail-k8s-cni"
cp cni-conf/10-contrail.conflist "$pod/config/"
bin="$pod/host/opt/cni/bin/contrail-k8s-cni" conf="$pod/host/etc/cni/net.d/10-contrail.conflist"
node() { env -i CONFIG="${config:-/config/10-contrail.conflist}" /usr/sbin/chroot "$pod" /contrail-k8s-cni/packaging/kubernetes/install-node "$@"; }
# whole: what a runtime may find is one of the versions, never a part of one.
whole() {
  local file candidate
  for file in "$bin" "$conf"; do
    for candidate in "$work"/plugin-* "$work"/configuration-*; do cmp -s "$file" "$candidate" && continue 2; done
    [ ! -e "$file" ] || return 1
  done
}
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
check "… and changes nothing then" bash -c "$(declare -f node); pod=$pod; ! node install | grep installed"
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
  check "a configuration that cannot be read is refused" bash -c "$(declare -f node); pod=$pod config=$config; ! node install 2>$work/says && grep 'is refused' $work/says"
  check "and the node keeps what it has" runs 2
done
config=''
echo x >>"$pod/contrail-k8s-cni/README.md"
check "so is an image that is not whole" fails node install
check "and the node keeps what it has" runs 2

# Killed after every system call that changes something, forwards and back: a runtime never finds half a file, and the next run
# finishes.
version_of 3
kills=0 halves=0 unfinished=0
if command -v strace >/dev/null; then
  for call in openat write rename chmod unlink; do
    for nth in 1 4 12 21; do
      # Every second time from the other version, so that there is always something to do.
      version_of $((3 + kills % 2))
      (env -i CONFIG=/config/10-contrail.conflist /usr/bin/strace -f -o /dev/null -e "trace=$call" \
        -e "inject=$call:signal=KILL:when=$nth" \
        /usr/sbin/chroot "$pod" /contrail-k8s-cni/packaging/kubernetes/install-node install; :) >/dev/null 2>&1
      kills=$((kills + 1))
      whole || halves=$((halves + 1))
      node install >/dev/null 2>&1 && runs $((3 + (kills - 1) % 2)) >/dev/null || unfinished=$((unfinished + 1))
    done
  done
  check "killed $kills times, it left no half of a file" test "$halves" = 0
  check "and the next run finished" test "$unfinished" = 0
  check "and the version before can be had" node rollback
else
  echo "skip kills: no strace: scripts/bootstrap test"
fi
check "nothing is left of what was killed" bash -c "$(declare -f node); pod=$pod config=; node install >/dev/null && ! find $pod/host -name '.*.new' | grep ."
check "it takes the configuration away" node uninstall
check "and leaves the plugin, for the pods that run" test -x "$bin" -a ! -e "$conf"
