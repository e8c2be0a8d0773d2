# Which of a kernel's modules the VM loads. Sourced by what makes its kernels.

# pack_modules INSTALLED VERSION FILE: an initramfs of what the guest needs to reach
# the host, out of what is installed in a folder; init loads it in the order given.
pack_modules() {
  local installed=$1/lib/modules/$2 root module path name
  root=$(mktemp -d "$3.XXXXXX")
  mkdir -p "$root/lib/modules"
  busybox depmod -b "$1" "$2"
  for module in virtio_pci virtio_net; do
    sed -n "s#^\([^:]*/$module\.ko[.a-z]*\): *#\1 #p" "$installed/modules.dep" | tr ' ' '\n' | sed '/^$/d' | tac
  done | awk '!seen[$0]++' | while read -r path; do
    name=$(basename "$path")
    case $name in
      *.xz) xz -dc "$installed/$path" > "$root/lib/modules/${name%.xz}" ;;
      *) cp "$installed/$path" "$root/lib/modules/" ;;
    esac
    echo "${name%.xz}" >> "$root/lib/modules/order"
  done
  grep -q virtio_net "$root/lib/modules/order" || die "found no virtio_net among the modules of $2"
  # So that two of the same modules are the same.
  find "$root" -exec touch -d @0 {} +
  pack "$root" "$3"
  rm -rf "$root"
}
