# podman with network_backend = "cni": the default pod network, a user's network, published ports, and what stays behind.
. Tests/Integration/common.sh

cat >"$work/containers.conf" <<CONF
[network]
network_backend = "cni"
cni_plugin_dirs = ["$work/bin"]
network_config_dir = "$work/net.d"
default_network = "pods"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
CONF
export CONTAINERS_CONF="$work/containers.conf"
podman() {
  command podman --root "$work/storage" --runroot "$work/runroot" --tmpdir "$work/tmp" --storage-driver vfs "$@"
}
# start NAME ARGUMENT...: a container that serves a page.
start() {
  local name=$1
  shift
  podman run -d --name "$name" --cgroups no-conmon --cgroup-parent "/$INTEGRATION_GROUP" "$@" localhost/box \
    /bin/httpd -f -h /www
}
# address CONTAINER NETWORK
address() { podman inspect "$1" --format "{{(index .NetworkSettings.Networks \"$2\").IPAddress}}"; }
interfaces() { podman exec "$1" /bin/ip -o link | awk -F '[ :@]+' '{ print $2 }' | sort | paste -sd ' '; }
knows() { "$contrailctl" get iip -A --no-headers | grep -q " $1 "; }
has() {
  local wanted
  for wanted in "${@:2}"; do
    podman exec "$1" /bin/ip address show eth0 | grep -F " $wanted " || return
  done
}
refused() { ! start "$@" 2>"$work/refused" && grep 'held by' "$work/refused"; }
reaches() { podman exec "$1" /bin/ping -c 1 -W 10 "$2"; }

"$contrailctl" apply -f - <<YAML
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata:
  name: blue
  namespace: default
  annotations: {juniper.net/networks: '{"ipamV4Subnet": "172.16.10.0/24", "podNetwork": true}'}
spec: {config: '{"cniVersion": "1.0.0", "name": "blue", "type": "contrail-k8s-cni"}'}
YAML
configuration blue default/blue >"$work/net.d/20-blue.conflist"
tar -C "$work/rootfs" -cf "$work/rootfs.tar" .
check "the image is one program" podman import "$work/rootfs.tar" box
check "podman accepts both configurations" podman network inspect pods blue
observe >"$work/before"

check "a container in the default pod network, with a published port" start web -p 8080:80
web=$(address web pods)
check "it has the first address" is "$web" 10.32.0.2
check "the node reaches it" eventually fetch "$web"
check "the outside reaches the published port" outside timeout 5 busybox wget -q -O - http://192.168.177.47:8080/
check "a second one, with an address and a MAC of its choice" start client --ip 10.32.0.77 --mac-address 02:11:22:33:44:55
check "it has both" has client 02:11:22:33:44:55 10.32.0.77/12
check "the two reach each other" reaches client "$web"
check "an address that is held is refused, with its holder" refused third --ip 10.32.0.77
podman rm -f -t 0 third >/dev/null

check "a container in a user's network" start blue1 --network blue -p 8081:80
check "a second one there" start blue2 --network blue
blue=$(address blue1 blue)
check "they reach each other" reaches blue2 "$blue"
check "a container of the default pod network does not reach them" fails reaches client "$blue"
check "the user's network has no way to the others" fails reaches blue2 "$web"
check "its published port is reached from outside" outside timeout 5 busybox wget -q -O - http://192.168.177.47:8081/
check "one container in both networks" start both --network pods --network blue
check "it has an interface for each" is "$(interfaces both)" "eth0 eth1 lo"
check "a running container joins a network" podman network connect blue client
check "and reaches it" reaches client "$blue"
check "and leaves it" podman network disconnect blue client
check "and is what it was" is "$(interfaces client)" "eth0 lo"

check "the store knows its address" knows "$web"
check "a container is stopped" podman stop -t 0 web
check "and its address is free" fails knows "$web"
check "it starts again" podman start web
check "with its port" eventually outside timeout 5 busybox wget -q -O - http://192.168.177.47:8080/
both=$(address both pods)
check "a container is killed" podman kill both
check "and its addresses are free" eventually fails knows "$both"
check "all are removed" podman rm -f -t 0 web client blue1 blue2 both
check "nothing is left: no link, route, table, namespace, record or published port" eventually unchanged
at_end
