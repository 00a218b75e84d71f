# The programs of a node that would take interfaces over, with the files that keep them off the plugin's: udevd, networkd and
# NetworkManager, as far as they are installed, in namespaces of their own.
echo "# packaging/node"
if [ "$(id -u)" != 0 ] || ! command -v ip >/dev/null; then
  echo "skip the programs of a node: needs root and ip"
  return
fi
in_namespaces daemons-node.sh --pid --fork --kill-child --mount-proc
if command -v logrotate >/dev/null; then
  check "logrotate reads its entry" bash -c "! logrotate --debug --state $work/logrotate packaging/node/logrotate.conf 2>&1 | grep -i error"
else
  echo "skip logrotate: not installed"
fi
if [ -e /proc/sys/net/ipv4/neigh/default/gc_thresh3 ]; then
  check "the kernel has the parameters of sysctl.conf" bash -c \
    "sed -n 's/ = .*//p' packaging/node/sysctl.conf | tr . / | { while read -r name; do test -e /proc/sys/\$name || exit 1; done; }"
else
  echo "skip the parameters of sysctl.conf: the first network namespace alone has them"
fi
