# Debian's releases, whichever this machine has: each with lists of its own, none of
# whose packages counts as installed. Sourced by lib.sh.

# debian RELEASE COMMAND ARGUMENT...: apt-get or apt-cache, for packages of bookworm, trixie or trixie-backports.
debian() {
  local release=$1 command=$2 tool=apt-get
  local base=${release%-backports}
  local state=$cache_dir/apt/$base
  shift 2
  case $command in show | depends) tool=apt-cache ;; esac
  if [ -z "$(find "$state/fetched" -mmin -720 2> /dev/null)" ]; then
    mkdir -p "$state"/{lists,archives}/partial
    : > "$state/status"
    printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${TELEMETRY_MIRROR:-http://deb.debian.org}/%s main\n" \
      "debian $base" "debian $base-updates" "debian $base-backports" "debian-security $base-security" > "$state/sources.list"
    if apt_in "$state" "$release" apt-get update > "$state/update.log" 2>&1; then
      touch "$state/fetched"
    elif [ ! -e "$state/fetched" ]; then
      cat "$state/update.log" >&2
      die "cannot fetch the package lists of Debian $base"
    fi
  fi
  apt_in "$state" "$release" "$tool" "$command" "$@"
}

apt_in() {
  local state=$1 release=$2 tool=$3 suites
  shift 3
  case $release in *-backports) suites="/^${release%-backports}/" ;; *) suites="/^$release(-updates|-security)?\$/" ;; esac
  "$tool" -qq -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" \
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Default-Release="$suites" \
    -o APT::Sandbox::User=root -o APT::Install-Recommends=0 -o Acquire::Languages=none "$@"
}

# dependency RELEASE PACKAGE PREFIX: the package that it depends on whose name begins so.
dependency() {
  debian "$1" depends "$2" | sed -n "s/^ *Depends: \($3[^ ]*\)\$/\1/p" | head -n 1
}

# versions RELEASE PACKAGE...: one line each.
versions() {
  local release=$1
  shift
  debian "$release" show --no-all-versions "$@" | grep -E '^(Package|Version):'
}

# unpack_debian RELEASE ROOT PACKAGE...: them and all they need, unpacked but not set up, to work in with in_root.
unpack_debian() {
  local release=$1 root=$2 debs package
  local essential='base-files bash dash coreutils sed grep mawk findutils tar gzip diffutils'
  shift 2
  debs=$(mktemp -d "$root.debs.XXXXXX")
  mkdir "$debs/partial"
  # shellcheck disable=SC2086  # They are several.
  debian "$release" install --yes --download-only -o Dir::Cache::archives="$debs" $essential "$@" > "$debs/log" 2>&1 ||
    { cat "$debs/log" >&2; die "cannot fetch $*"; }
  mkdir -p "$root"
  # The first has the links that the others' files go by.
  for package in "$debs"/base-files_*.deb "$debs"/*.deb; do
    case $package in
      # A kernel itself is not needed to build its modules.
      */linux-image-*) ;;
      *) dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \
        --exclude './usr/share/doc/*' --exclude './usr/share/man/*' --exclude './usr/share/locale/*' ;;
    esac
  done
  rm -rf "$debs"
  # What the packages' own scripts would have made.
  [ -e "$root/bin/sh" ] || ln -s dash "$root/bin/sh"
  [ -e "$root/usr/bin/awk" ] || ln -s mawk "$root/usr/bin/awk"
  mkdir -p "$root"/{dev,proc,mnt,tmp}
  echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
}

# unpack_source RELEASE PACKAGE FOLDER: a kernel's source, without what is only for other machines than the VM.
unpack_source() {
  local work
  work=$(mktemp -d "$3.source.XXXXXX")
  (cd "$work" && debian "$1" download "$2")
  dpkg -x "$work"/*.deb "$work/unpacked"
  mkdir -p "$3"
  tar -x -f "$work"/unpacked/usr/src/linux-source-*.tar.xz -C "$3" --strip-components=1 --wildcards \
    --exclude '*/drivers/gpu/*.[ch]' --exclude '*/drivers/net/*/*.[ch]' --exclude '*/drivers/media/*.[ch]' \
    --exclude '*/sound/*.[ch]' --exclude '*/Documentation/*.rst' --exclude '*/Documentation/devicetree' \
    --exclude '*/tools/testing' --exclude '*/arch/[!x]*/*.[chS]' --exclude '*.dts' --exclude '*.dtsi'
  rm -rf "$work"
}

# in_root ROOT FOLDER COMMAND...: in an unpacked Debian, with this machine's devices, and the folder as /mnt.
in_root() {
  local root=$1 folder=$2 as_root=()
  shift 2
  [ "$(id -u)" = 0 ] || as_root=(--map-root-user)
  unshare --mount "${as_root[@]}" sh -c '
    root=$1
    mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" && mount --rbind "$2" "$root/mnt" || exit
    shift 2
    cd /
    exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C chroot "$root" "$@"' in_root "$root" "$folder" "$@"
}
