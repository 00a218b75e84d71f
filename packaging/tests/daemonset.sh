# The DaemonSet's containers, on a node made of namespaces, with the mounts that the manifest says and no others.
echo "# packaging/kubernetes/contrail-k8s-cni.yaml"
if ! command -v busybox >/dev/null || ! command -v ip >/dev/null || ! command -v nsenter >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "skip the containers: needs root, busybox and ip: scripts/bootstrap packages"
  return
fi
if ! "$unpacked/bin/contrailctl" version >/dev/null 2>&1; then
  echo "skip the containers: the tarball was not unpacked"
  return
fi
mkdir -p "$work/context"
cp "$tarball" "$work/context/"
in_namespaces daemonset-node.sh
