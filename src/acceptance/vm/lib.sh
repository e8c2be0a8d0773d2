# What the scripts here share. To be sourced.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$vm_dir/../../.." && pwd)
cache_dir=${TELEMETRY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kernel-telemetry}/vm

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# Two builds at once would do the work twice; the second waits.
lock_cache() {
  mkdir -p "$cache_dir"
  exec 9> "$cache_dir/lock"
  flock -n 9 || {
    echo 'vm: waiting for another build of it' >&2
    flock 9
  }
}

# say WHAT: begins a step; done_with ends it with the time it took.
say() {
  step=$1
  step_began=$(date +%s%N)
  echo "vm: $step ..." >&2
}

done_with() {
  local took=$((($(date +%s%N) - step_began) / 1000000))
  printf 'vm: %s: %d.%d s\n' "$step" $((took / 1000)) $((took % 1000 / 100)) >&2
}

# A JDK 25, whichever is the default.
find_jdk() {
  local dir
  for dir in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [ -n "$dir" ] && grep -qs '^JAVA_VERSION="25' "$dir/release"; then
      echo "$dir"
      return
    fi
  done
  die 'no JDK 25 found: set JAVA_HOME'
}

# hash_of FILE_OR_FOLDER...: one hash of all their names in the source tree, wherever
# that is, and contents. What a build left beside the sources is no input.
hash_of() {
  find "$@" -type f -not -path '*/target/*' -print0 | sort -z |
    xargs -0 sha256sum | sed "s#  $source_dir/#  #" | sha256sum | cut -c 1-16
}

# pack FOLDER FILE: the folder as an uncompressed initramfs, which the
# emulated processor unpacks fastest. Its end is padded, so that another can follow.
pack() {
  (cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
    cpio --null --create --format=newc --owner=0:0 --quiet) > "$2"
}

. "$vm_dir/debian.sh"
