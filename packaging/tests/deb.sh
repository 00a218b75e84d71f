# The Debian package: lintian, its files, and a life in a root directory of its own, where its scripts are told that nothing runs.
package=$(echo .build/dist/contrail-k8s-cni_"$version"-1_*.deb)
echo "# $(basename "$package")"
root="$work/root"
mkdir -p "$root/var/lib/dpkg/"{info,updates,triggers} "$root/var/log"
touch "$root/var/lib/dpkg/"{status,available}
package_manager() { dpkg --root="$root" --force-script-chrootless --log="$work/dpkg.log" "$@"; }
status() { dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Status} ${Version}' contrail-k8s-cni; }
if command -v lintian >/dev/null; then
  check "lintian finds neither errors nor warnings" lintian --allow-root --fail-on error,warning "$package"
else
  echo "skip lintian: not installed: scripts/bootstrap packages"
fi
check "it installs" package_manager -i "$package"
check "in this version" bash -c "[ \"\$(dpkg-query --admindir=$root/var/lib/dpkg -W -f '\${db:Status-Status} \${Version}' contrail-k8s-cni)\" = 'installed $version-1' ]"
for file in opt/cni/bin/contrail-k8s-cni usr/bin/contrailctl etc/cni/net.d/10-contrail.conflist \
  usr/share/man/man1/contrailctl.1.gz usr/share/man/man8/contrail-k8s-cni.8.gz usr/lib/sysctl.d/60-contrail-k8s-cni.conf usr/lib/tmpfiles.d/contrail-k8s-cni.conf etc/logrotate.d/contrail-k8s-cni \
  lib/systemd/system/run-contrail-netns.mount lib/udev/rules.d/84-contrail-k8s-cni.rules \
  lib/systemd/network/70-contrail-k8s-cni.network usr/lib/NetworkManager/conf.d/90-contrail-k8s-cni.conf; do
  check "/$file" test -s "$root/$file"
done
check "Debian's runtimes find it, too" bash -c "[ \"\$(readlink $root/usr/lib/cni/contrail-k8s-cni)\" = /opt/cni/bin/contrail-k8s-cni ]"
check "the plugin runs where nothing else is" chroot "$root" /opt/cni/bin/contrail-k8s-cni --version
check "its copyright file says what LICENSE says" bash -c \
  "diff <(sed -n '/^License:/,\$p' $root/usr/share/doc/contrail-k8s-cni/copyright | sed '1d; s/^ \.\$//; s/^ //') LICENSE"
check "its files are as packed" bash -c "! dpkg --root=$root --verify contrail-k8s-cni | grep ."
check "systemd-tmpfiles makes its directories" bash -c "! command -v systemd-tmpfiles >/dev/null ||
  { mkdir -p $root/etc && echo root:x:0:0::/:/bin/sh >$root/etc/passwd && echo root:x:0: >$root/etc/group &&
    systemd-tmpfiles --root=$root --create contrail-k8s-cni.conf && [ \$(stat -c %a $root/run/contrail/netns) = 700 ]; }"
check "systemd accepts the mount unit" bash -c "! command -v systemd-analyze >/dev/null ||
  systemd-analyze verify --man=no --root=$root run-contrail-netns.mount 2>&1 | (! grep -E 'contrail.*(Unknown|Invalid|Failed|refus)')"
# Every name that the plugin gives to an interface of the node is in each of the files that keep others off.
for prefix in $(sed -n 's/.*static let [a-zA-Z]*Prefix = "\([a-z]*\)".*/\1/p' Sources/Dataplane/NodeNames.swift \
  Sources/Dataplane/Uplink/*.swift) contrail0 tr0; do
  check "NetworkManager, networkd and udev leave $prefix alone" bash -c "cd $root &&
    grep -q '[:;]$prefix' usr/lib/NetworkManager/conf.d/* && grep -qE 'Name=.*\b$prefix' lib/systemd/network/*.network &&
    grep -qE 'OriginalName=.*\b$prefix' lib/systemd/network/*.link && grep -qE '[\"|]$prefix' lib/udev/rules.d/*"
done
mkdir -p "$root/var/lib/contrail" "$root/var/log/contrail/cni"
touch "$root/var/lib/contrail/objects.db"
sed -i s/k8s/changed/ "$root/etc/cni/net.d/10-contrail.conflist"
check "a changed configuration survives the next installation" bash -c \
  "dpkg --root=$root --force-script-chrootless --log=$work/dpkg.log -i $package && grep -q changed $root/etc/cni/net.d/10-contrail.conflist"
check "it is removed" package_manager --remove contrail-k8s-cni
check "the plugin is gone" test ! -e "$root/opt/cni/bin/contrail-k8s-cni" -a ! -e "$root/usr/bin/contrailctl"
check "configuration and definitions are kept" test -e "$root/etc/cni/net.d/10-contrail.conflist" -a -e "$root/var/lib/contrail/objects.db"
check "it is purged" package_manager --purge contrail-k8s-cni
check "nothing of it is left" bash -c "! find $root -ipath '*contrail*' ! -path '*/run/contrail*' | grep ."
