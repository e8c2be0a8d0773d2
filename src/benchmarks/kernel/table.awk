# The lines of the scenario "cost" and of build-patched's sizes, as a table beside the seed's figures.

$1 == "size:" { vmlinuz[$2] = $4; text[$2] = $6; initrd[$2] = $8 }
$1 == "source:" { source = $2 }
$2 == "memory" { slab[$3] = $5; all[$3] = $9 }
$2 == "bpf" { bpf = $4 }
$2 == "calls" {
  at = $3
  n = ++rounds[at]
  empty[at, n] = $7 / $4
  call[at, n] = $10 / $4
}

function median(of, at, n,    i, j, t, v) {
  n = rounds[at]
  for (i = 1; i <= n; i++) v[i] = of[at, i]
  for (i = 2; i <= n; i++)
    for (j = i; j > 1 && v[j] < v[j - 1]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
  return sprintf("%.1f ns (%.1f–%.1f)", v[int((n + 1) / 2)], v[1], v[n])
}
function row(what, ours, seed) { printf "| %s | %s | %s |\n", what, ours, seed }
function kib(n) { return n " KiB" }
function verdict(text, good) { printf "%s: %s\n", (good ? "reached" : "NOT REACHED"), text; if (!good) missed = 1 }

END {
  ring = 8 * 1024 * 1024
  row("what", "here", "the seed")
  row("---", "---", "---")
  if (source) {
    row("vmlinuz, in tree (" source ")", vmlinuz["without"] " → " vmlinuz["with"] " (" \
      sprintf("%+d", vmlinuz["with"] - vmlinuz["without"]) ")", "7955872 → 9520832 (+1564960)")
    row("text of vmlinux", text["without"] " → " text["with"] " (" sprintf("%+d", text["with"] - text["without"]) ")", "")
    row("initrd: the modules of this kernel in it", initrd["without"] " → " initrd["with"] " (" \
      sprintf("%+d", initrd["with"] - initrd["without"]) ")", "22157702 → 66303747 (+44146045)")
  }
  row("slab, functions there, loader off", kib(slab["start"]), "31–32 MB")
  row("slab, loader on", kib(slab["attached"]), "31–32 MB")
  row("slab, after its exit", kib(slab["detached"]), "31–32 MB")
  if ("unloaded" in slab) row("slab, after the functions were unloaded", kib(slab["unloaded"]), "31–32 MB")
  row("slab, pages of the kernel's and per-CPU memory: off, on, after exit", \
    kib(all["start"]) ", " kib(all["attached"]) ", " kib(all["detached"]), "")
  row("programs and maps without the ring of 8 MiB", (bpf - ring) " bytes", "")
  row("the same memory after " cycles " more times loaded and unloaded", \
    kib(all["after-20-cycles"]) " → " kib(all["after-cycles"]), "constant")
  row("a call of an empty function", median(empty, "nothing-attached"), "")
  row("a call of telemetry_msg, nothing attached", median(call, "nothing-attached"), "")
  row("a call of telemetry_msg, captured", median(call, "kprobe"), "")
  print ""
  if (source) {
    verdict("vmlinuz grows by less than 8 KiB", vmlinuz["with"] - vmlinuz["without"] < 8192)
    verdict("the initrd does not grow", initrd["with"] <= initrd["without"])
  }
  verdict("less than 1 MiB beyond the ring", bpf - ring < 1048576)
  # What the slabs of other parts of the kernel do meanwhile is within this.
  grown = all["after-cycles"] - all["after-20-cycles"]
  verdict("no growth over " cycles " cycles: " grown " KiB, " sprintf("%.0f", grown * 1024 / cycles) " bytes a cycle", ("after-cycles" in all) && grown < 256)
  exit missed
}
