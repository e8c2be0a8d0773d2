# The kernels of the VM. To be sourced after lib.sh. stock_kernel and patched_kernel
# set "kernel", the folder of its layer, and define build_modules, which builds our
# modules for it in a folder.

# layer NAME HASH COMMAND...: the folder NAME-HASH of the cache, made by the command
# if it is not there, whose last argument it is. Sets "layer".
layer() {
  local name=$1 key
  key=$(cut -c 1-16 <<< "$2")
  shift 2
  layer=$cache_dir/$name-$key
  if [ ! -e "$layer/complete" ]; then
    rm -rf "$layer"
    "$@" "$layer" >&2
    touch "$layer/complete"
  fi
  touch "$layer"
}

stock_kernel() {
  local release=$1 package
  package=$(dependency "$release" linux-image-amd64 linux-image-)
  [ -n "$package" ] || die "Debian $release has no linux-image-amd64"
  layer kernel "$({
    versions "$release" "$package" dkms
    cat "$vm_dir"/{build-kernel,lib.sh,modules.sh,debian.sh}
  } | sha256sum)" "$vm_dir/build-kernel" "$release" "$package"
  kernel=$layer
  build_modules() { dkms_modules "$1"; }
}

# copy_sources FOLDER: what a host gets, and with it the modules that only the VM has.
copy_sources() {
  mkdir -p "$1"
  (cd "$source_dir/bpf-loader/kernel" && cp -r Kbuild Makefile check-symbols dkms.conf include telemetry example "$1/")
  cp -r "$vm_dir/modules" "$1/"
  echo 'obj-m += telemetry_cost.o telemetry_odd_calls.o' > "$1/modules/Makefile"
  echo 'obj-m += modules/' >> "$1/Kbuild"
  sed -i 's/^sources := .*/& modules/' "$1/Makefile"
}

# As on a host: DKMS builds them, of that release, with its compiler.
dkms_modules() {
  local out=$1 name version
  name=svos-kernel-telemetry
  version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$source_dir/bpf-loader/kernel/dkms.conf")
  copy_sources "$out/source"
  cat >> "$out/source/dkms.conf" << 'END'
BUILT_MODULE_NAME[2]="telemetry_cost"
BUILT_MODULE_LOCATION[2]="target/modules/"
DEST_MODULE_LOCATION[2]="/updates/dkms/"
BUILT_MODULE_NAME[3]="telemetry_odd_calls"
BUILT_MODULE_LOCATION[3]="target/modules/"
DEST_MODULE_LOCATION[3]="/updates/dkms/"
END
  # Its root belongs to all images of this kernel.
  rm -rf "$kernel/root/var/lib/dkms/$name" "$kernel/root/usr/src/$name-$version"
  in_root "$kernel/root" "$out" sh -ec '
    cp -r /mnt/source "/usr/src/$1-$2"
    dkms add "$1/$2"
    dkms build "$1/$2" -k "$3" -a x86_64 || { cat "/var/lib/dkms/$1/$2/build/make.log"; exit 1; }
    cat "/var/lib/dkms/$1/$2/$3/x86_64/log/make.log"
    cp "/var/lib/dkms/$1/$2/$3/x86_64/module"/* /mnt/' sh "$name" "$version" "$(cat "$kernel/version")" || return
  find "$out" -name '*.ko.xz' -exec xz --decompress {} +
  rm -rf "$out/source"
}

# tools: a Debian 13 with what compiles kernels and checks them. Sets "tools".
tools() {
  local packages='gcc clang make flex bison bc libelf-dev libssl-dev perl python3 xz-utils kmod rsync cpio'
  layer tools "$({
    # shellcheck disable=SC2086  # They are several.
    versions trixie $packages
    cat "$vm_dir/debian.sh"
  } | sha256sum)" make_tools "$packages"
  tools=$layer/root
}

make_tools() {
  say 'fetching compilers of Debian 13'
  mkdir -p "$2"
  # shellcheck disable=SC2086  # They are several.
  unpack_debian trixie "$2/root" $1
  done_with
}

patched_kernel() {
  local package key
  tools
  package=$(dependency bookworm linux-source linux-source-)
  [ -n "$package" ] || die 'Debian bookworm has no linux-source'
  key=$({
    echo "${tools#"$cache_dir/"}"
    versions bookworm "$package"
    hash_of "$source_dir/bpf-loader/kernel/patches" "$vm_dir"/{build-patched,lib.sh,modules.sh,kernel.config}
  } | sha256sum)
  layer kernel "$key" "$vm_dir/build-patched" "$package" "$tools"
  kernel=$layer
  build_modules() { example_module "$1"; }
}

# The kernel has the functions: what is left is the example, built against the kernel's own header.
example_module() {
  local out=$1 mounted
  mounted=/mnt/${out#"$cache_dir/"}
  copy_sources "$out/source"
  in_root "$tools" "$cache_dir" make -C "$mounted/source" OUT="$mounted/source/target" KDIR="/mnt/$(basename "$kernel")/kdir" \
    VMLINUX="/mnt/$(basename "$kernel")/vmlinux" || return
  cp "$out"/source/target/{example,modules}/*.ko "$out/"
  rm -rf "$out/source"
}
