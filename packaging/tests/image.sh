# Sourced: makes an image's root directory by the steps of a Dockerfile, without an engine. Knows what ours says, and nothing else.
# FROM is busybox, from Debian's package.

# image DIRECTORY DOCKERFILE CONTEXT: and leaves the command that a container starts in $image_command.
image() {
  local root=$1 context=$3 instruction words target archives
  mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc}
  while read -r instruction words; do
    case "$instruction" in
    '' | '#'*) ;;
    FROM)
      [ "${words%%:*}" = busybox ] || return
      cp "$(command -v busybox)" "$root/bin/"
      mknod "$root/dev/null" c 1 3
      /usr/sbin/chroot "$root" /bin/busybox --install -s /bin
      ;;
    ADD)
      target=${words##* }
      archives=("$context"/${words% *})
      [ ${#archives[@]} = 1 ] && tar -xzf "${archives[0]}" -C "$root$target" || return
      ;;
    RUN) env -i PATH=/bin /usr/sbin/chroot "$root" /bin/sh -c "$words" || return ;;
    ENTRYPOINT | CMD) eval "$instruction=($(tr -d '[],' <<<"$words"))" ;;
    *)
      echo "$2: $instruction is not known here"
      return 1
      ;;
    esac
  done <"$2"
  image_command=("${ENTRYPOINT[@]}" "${CMD[@]}")
}
