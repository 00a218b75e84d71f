# Sourced: `check`, and how many things were as they should be. Needs $work; $counts is a file that gets the two numbers.
passed=0 failed=0
check() { # TEXT COMMAND...
  local text=$1
  shift
  if "$@" >"$work/output" 2>&1; then
    passed=$((passed + 1))
    echo "ok   $text"
  else
    failed=$((failed + 1))
    echo "FAIL $text"
    sed 's/^/     /' "$work/output"
  fi
  [ -z "${counts:-}" ] || echo "$passed $failed" >"$counts"
}
fails() { ! "$@"; }
# in_namespaces SCRIPT UNSHARE-OPTIONS...: runs a script of this folder in namespaces of its own, and counts what it checks.
in_namespaces() {
  local script=$1 more=0 less=0
  shift
  rm -f "$work/counts"
  unshare --net --mount --uts "$@" env counts="$work/counts" work="$work" version="$version" unpacked="${unpacked:-}" \
    bash "packaging/tests/$script" || failed=$((failed + 1))
  read -r more less <"$work/counts"
  passed=$((passed + more)) failed=$((failed + less))
}
