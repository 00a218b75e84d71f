# The tarball: its checksums, its version, and what its script installs where.
echo "# $name.tar.gz"
tarball="$PWD/.build/dist/$name.tar.gz"
check "its checksum is beside it" bash -c "cd .build/dist && sha256sum --check --quiet $name.tar.gz.sha256"
check "it unpacks into one directory" tar -xzf "$tarball" -C "$work"
unpacked="$work/$name"
check "every file in it has its checksum" bash -c "cd $unpacked && sha256sum --check --quiet SHA256SUMS &&
  [ \$(find . -type f ! -name SHA256SUMS | wc -l) = \$(wc -l <SHA256SUMS) ]"
check "nobody owns anything, and all is of one time" bash -c \
  "[ -z \"\$(tar --numeric-owner -tvzf $tarball | awk '{ print \$2, \$4, \$5 }' | sort -u | sed 1d)\" ] &&
   tar --numeric-owner -tvzf $tarball | grep -q ' 0/0 '"
check "the plugin says this version" bash -c "$unpacked/bin/contrail-k8s-cni --version 2>&1 | grep -q '^contrail-k8s-cni $version:'"
check "contrailctl says this version" bash -c "[ \"\$($unpacked/bin/contrailctl version)\" = 'Client Version: v$version' ]"
check "both ways" bash -c "[ \"\$($unpacked/bin/contrailctl --version)\" = '$version' ]"
check "its script says how it is called" bash -c "$unpacked/install 2>&1 | grep -q '^usage: '"
image="$work/image"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  # The first two directories are anybody's, the last one is not.
  mkdir -m 777 "$work/anybody"
  chmod 755 "$work"
  not_root() {
    ! setpriv --reuid=65534 --regid=65534 --clear-groups "$unpacked/install" "$work/anybody/bin" "$work/anybody/conf" \
      "$work/root-only" 2>"$work/says" && grep "^install: $work/root-only cannot be written" "$work/says" && ! ls "$work/anybody" | grep .
  }
  check "somebody who may not write everywhere is told so, and nothing is installed" not_root
fi
install_it() { "$unpacked/install" "$image/opt/cni/bin" "$image/etc/cni/net.d" "$image/usr/local"; }
check "its script installs" install_it
check "what it installs is what is in it" cmp "$unpacked/bin/contrail-k8s-cni" "$image/opt/cni/bin/contrail-k8s-cni"
check "a manual page for each command" bash -c "[ \$(ls $image/usr/local/share/man/man[18] | grep -c '\.[18]\$') -ge 13 ]"
check "the manual's pages are well-formed" bash -c "! command -v man >/dev/null ||
  for page in $image/usr/local/share/man/man[18]/*; do LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z \$page 2>&1 >/dev/null; done | (! grep .)"
check "bash completes" bash -n "$image/usr/local/share/bash-completion/completions/contrailctl"
check "no file is half there" bash -c "[ -z \"\$(find $image -name '.*' -type f)\" ]"
sed -i s/k8s/changed/ "$image/etc/cni/net.d/10-contrail.conflist"
check "a second run keeps a configuration that was changed" bash -c "$(declare -f install_it); unpacked=$unpacked image=$image
  install_it && grep -q changed $image/etc/cni/net.d/10-contrail.conflist.old && ! grep changed $image/etc/cni/net.d/10-contrail.conflist"
# A commit whose tag is another version gives no tarball.
if command -v git >/dev/null; then
  tagged="$work/tagged"
  mkdir -p "$tagged/scripts" "$tagged/Sources/PluginVerbs"
  cp scripts/release "$tagged/scripts/"
  cp CHANGELOG.md "$tagged/"
  cp Sources/PluginVerbs/Version.swift "$tagged/Sources/PluginVerbs/"
  released() { (cd "$tagged" && bash -euc '. scripts/release; echo "$name"'); }
  in_git() { git -C "$tagged" -c user.name=x -c user.email=x@localhost "$@"; }
  in_git init --quiet && in_git add . && in_git commit --quiet -m x
  check "a commit without a tag is this version" released
  in_git tag "v$version"
  check "so is one whose tag says so" released
  in_git tag v9.9.9
  refuses_tag() { ! released 2>"$work/says" && grep "v9.9.9" "$work/says"; }
  check "one whose tag says another is refused" refuses_tag
fi
