# Sourced by the tests of this folder, inside the namespaces that scripts/integration made: the node, the image, the checks.
set -u
repository=$PWD
plugin="${CONTRAIL_PLUGIN:-$PWD/bin/contrail-k8s-cni}"
contrailctl="${CONTRAILCTL:-$PWD/bin/contrailctl}"
mount -t tmpfs tmpfs /run
work=/run/integration
mkdir -p "$work/bin" "$work/net.d"
echo node1 >/proc/sys/kernel/hostname
ip link set lo up

counts=$INTEGRATION_COUNTS log="$work/log"
. scripts/check-common
# at_end: what scripts/integration reads to know that the test was not killed.
at_end() {
  echo ended >>"$counts"
  exit $((failed > 0))
}
# fetch ADDRESS[:PORT]: the web page of a container; prints it. (busybox's own time limit, -T, crashes in Debian's build.)
fetch() { timeout 5 busybox wget -q -O - "http://$1/"; }
outside() { nsenter --net=/run/netns/outside "$@"; }
is() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }

# configuration NAME [NETWORK]: the configuration of cni-conf/10-contrail.conflist under this name, in the test's own
# directories, with portmap chained to it; NETWORK is the one to attach.
configuration() {
  local network="${2:+\"network\": \"$2\", }"
  sed "s|\"name\": .*|\"name\": \"$1\",|
    s|\"contrail\": {|&$network|
    s|/var/lib/contrail|$work/state|; s|/run/contrail|$work/contrail|; s|\"/var/log/[^\"]*\"|\"$work/log\"|
    s|^    }\$|    }, {\"type\": \"portmap\", \"capabilities\": {\"portMappings\": true}}|" cni-conf/10-contrail.conflist
}

# What the kernel holds for the node and what the plugin holds in files. portmap's own chains stay, empty.
observe() {
  ip -o address
  ip -4 route show table all
  ip -6 route show table all
  ip rule
  nft list tables | grep contrail
  nft list ruleset | grep 'CNI-DN-'
  find "$work/contrail/netns" -mindepth 1 2>/dev/null
  find "$work/contrail/locks" -type f ! -name store 2>/dev/null
  "$contrailctl" get vmi,iip -A --no-headers 2>/dev/null
  true
}
unchanged() { observe | diff "$work/before" -; }

# A neighbour on the node's own link: who asks for published ports.
ip netns add outside
ip link add uplink type veth peer name uplink netns outside
ip address add 192.168.177.47/24 dev uplink
ip link set uplink addrgenmode none up
ip -n outside address add 192.168.177.1/24 dev uplink
ip -n outside link set uplink addrgenmode none up
ip route add default via 192.168.177.1

# The image: one program.
mkdir -p "$work/rootfs"/{bin,www,proc,sys,dev,run,tmp,etc}
cp "$(command -v busybox)" "$work/rootfs/bin/busybox"
for applet in sh httpd ping ip wget cat; do ln -s busybox "$work/rootfs/bin/$applet"; done
echo hello >"$work/rootfs/www/index.html"

cp "$plugin" "$work/bin/contrail-k8s-cni"
ln -s /usr/lib/cni/portmap /usr/lib/cni/loopback "$work/bin"
# podman attaches several networks in any order, and as a second one the default pod network has to be named.
configuration pods k8s-contrail/default-podnetwork >"$work/net.d/10-pods.conflist"
export CONTRAIL_CONF="$work/net.d/10-pods.conflist" CONTRAIL_STATE_DIR="$work/state" CONTRAIL_RUN_DIR="$work/contrail"
