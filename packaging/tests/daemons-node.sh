# Run by daemons.sh in namespaces of its own, where /run is empty: the files are where each program reads those that an
# administrator wrote until the next boot.
set -uo pipefail
. scripts/check-common
mount -t tmpfs tmpfs /run
mkdir -p /run/udev/rules.d /run/systemd/network /run/systemd/netif/{links,leases,lldp} /run/NetworkManager/conf.d /run/dbus
cp packaging/node/udev.rules /run/udev/rules.d/84-contrail-k8s-cni.rules
for kind in link network; do cp packaging/node/systemd.$kind /run/systemd/network/70-contrail-k8s-cni.$kind; done
cp packaging/node/networkmanager.conf /run/NetworkManager/conf.d/90-contrail-k8s-cni.conf
# Whoever is not kept off takes every interface.
printf '[Match]\nName=*\n[Network]\nLinkLocalAddressing=no\nAddress=192.0.2.1/24\n' >/run/systemd/network/90-all.network
printf '[keyfile]\nunmanaged-devices=none\n' >/run/NetworkManager/conf.d/20-all.conf
udevd=/lib/systemd/systemd-udevd networkd=/lib/systemd/systemd-networkd manager=/usr/sbin/NetworkManager
[ -x $udevd ] || udevd=''
# Where udevd is, networkd waits for it; it takes a read-only /sys for a container's, where none is.
mount -t sysfs sysfs /sys && { [ -n "$udevd" ] || mount -o remount,ro,bind /sys; }
ours="contrail0 vmi12345678901 ctsnat5 ctfabric6 ctsvc7 ctpod8 tr0" theirs=other0
interfaces() {
  ip link add contrail0 address 00:00:5e:00:01:00 type bridge
  for name in ${ours#contrail0 }; do ip link add "$name" address 02:00:00:00:00:01 type veth peer name "p${name::8}"; done
  ip link add $theirs type bridge
  for name in $ours $theirs; do ip link set "$name" up; done
}
index() { cat "/sys/class/net/$1/ifindex"; }

if [ -n "$udevd" ]; then
  $udevd --daemon 2>/run/udevd.log
else
  echo "skip udevd: not installed"
fi
if [ -x $networkd ]; then
  chown -R systemd-network: /run/systemd/netif 2>/dev/null
  $networkd >/run/networkd.log 2>&1 &
else
  echo "skip networkd: not installed"
fi
interfaces
if [ -n "$udevd" ]; then
  property() { udevadm info --query property "/sys/class/net/$1" | grep -E "$2"; }
  for name in $ours; do
    check "udevd knows what $name is" eventually property "$name" '^ID_NET_LINK_FILE=.*/70-contrail-k8s-cni.link$'
    check "and tells NetworkManager" property "$name" '^NM_UNMANAGED=1$'
    check "its MAC address is the plugin's" grep -E '^(00:00:5e:00:01:00|02:00:00:00:00:01)$' "/sys/class/net/$name/address"
  done
  check "udevd has read every line" bash -c '! grep -i contrail /run/udevd.log'
fi
if [ -x $networkd ]; then
  setup() { grep -E "^ADMIN_STATE=$2\$" "/run/systemd/netif/links/$(index "$1")"; }
  check "networkd would take every interface" eventually setup $theirs '(configuring|configured)'
  for name in $ours; do check "but not $name" eventually setup "$name" unmanaged; done
  check "networkd has read every line" bash -c '! grep -E "70-contrail-k8s-cni\.(link|network):" /run/networkd.log'
fi
if [ -x $manager ]; then
  check "NetworkManager reads which interfaces it leaves alone, after what others say" bash -c \
    "$manager --print-config | grep -F 'unmanaged-devices=none,interface-name:contrail0;interface-name:vmi' ||
     $manager --print-config | grep -F 'unmanaged-devices=none,interface-name:contrail0,interface-name:vmi'"
else
  echo "skip NetworkManager: not installed"
fi
