# containerd, by `ctr run --cni`: it calls the plugins of /opt/cni/bin with the configuration of /etc/cni/net.d.
. Tests/Integration/common.sh

# Both directories are the test's own here.
mount -t tmpfs tmpfs /etc/cni
mount -t tmpfs tmpfs /opt
mkdir -p /opt/cni
ln -s "$work/net.d" /etc/cni/net.d
ln -s "$work/bin" /opt/cni/bin

cat >"$work/config.toml" <<CONF
version = 2
root = "$work/root"
state = "$work/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "$work/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
restrict_oom_score_adj = true
CONF
ctr() { command ctr --address "$work/containerd.sock" --namespace "$INTEGRATION_GROUP" "$@"; }
daemon() {
  containerd --config "$work/config.toml" >>"$work/containerd.log" 2>&1 &
  daemon=$!
}
# start NAME: a container that serves a page; ctr stays with it and detaches it when it ends.
start() { ctr run --cni --rm --rootfs "$work/rootfs" "$1" /bin/httpd -f -h /www >"$work/$1.ctr" 2>&1 & }
holders() { "$contrailctl" get vmi -A --no-headers 2>/dev/null | wc -l; }
hold() { is "$(holders)" "$1"; }
garbage() {
  configuration pods | sed '1,/"plugins"/d; /^  \]/,$d' | sed '1s/^ *{/{"cniVersion": "1.1.0", "name": "pods", "cni.dev\/valid-attachments": [],/
    s/^    }, {.*/}/' | env CNI_COMMAND=GC CNI_PATH="$work/bin" "$plugin"
}
reaches() { ctr run --cni --rm --rootfs "$work/rootfs" "$1" /bin/ping -c 1 -W 10 "$2"; }

observe >"$work/before"
daemon
check "containerd starts" eventually ctr version
start web
check "a container is attached" eventually hold 1
check "the node reaches it" eventually fetch 10.32.0.2
check "a second container reaches it" reaches client 10.32.0.2
check "and is gone when its program ends: DEL without a namespace" hold 1
check "a container under a name that was used before reaches it" reaches client 10.32.0.2
check "the first one is killed" ctr tasks kill --signal KILL web
check "the store knows of nobody" eventually hold 0
check "nothing is left: no link, route, table, namespace or record" eventually unchanged

check "a container that ctr does not wait for" \
  ctr run --detach --cni --rootfs "$work/rootfs" detached /bin/httpd -f -h /www
detached=$("$contrailctl" get iip -A --no-headers | awk '{ print $2 }')
check "the node reaches it" eventually fetch "$detached"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null
check "also while containerd is dead" fetch "$detached"
daemon
check "containerd starts again" eventually ctr version
check "it is there still" fetch "$detached"
check "it is killed" ctr tasks kill --signal KILL detached
check "and removed" eventually ctr tasks rm detached
check "ctr does not tell the plugin: the record stays" hold 1
check "GC, as a runtime of CNI 1.1 calls it, finds it" garbage
check "nothing is left: no link, route, table, namespace or record" eventually unchanged
kill "$daemon"
wait "$daemon" 2>/dev/null
at_end
