# Puts each sample of a profile (async-profiler's collapsed stacks, the thread first) to a station of a batch's way, by its
# innermost frame that tells one. Prints every station with its samples, in the order of the way.

BEGIN {
  OFS = "\t"
  count = split("kernel: network|HTTP: Tomcat and Spring|decompress|parse|hash of the body|token and sandbox|intake|" \
    "admission, quota, ledger|journal: write and sync|SQLite|forwarder|threads: waiting and waking|" \
    "garbage collection|compilation (JIT)|rest of the JVM and kernel", names, "|")
}

{
  samples = $NF
  stack = $0
  sub(/ [0-9]+$/, "", stack)
  at[station(stack)] += samples
}

END { for (i = 1; i <= count; i++) print names[i], at[names[i]] + 0 }

function station(stack,    frames, n, i, found) {
  n = split(stack, frames, ";")
  if (frames[1] ~ /C[12] Compiler/) return "compilation (JIT)"
  if (frames[1] ~ /GC Thread|G1 |VM Thread/) return "garbage collection"
  for (i = n; i > 1; i--) {
    found = told_by(frames[i], stack)
    if (found == "hash") found = hashed_for(frames, i)
    if (found != "") return found
  }
  return "rest of the JVM and kernel"
}

# The same digests serve three ends: who called tells which.
function hashed_for(frames, i) {
  while (--i > 1) {
    if (frames[i] ~ /gateway\/access/) return "token and sandbox"
    if (frames[i] ~ /gateway\/(spool|journal)/) return "journal: write and sync"
    if (frames[i] ~ /org\/svos/) break
  }
  return "hash of the body"
}

# What a frame tells, given the whole stack; "" if nothing.
function told_by(frame, stack) {
  if (frame ~ /^(tcp_|__tcp|inet_|sock_|__sock|__sys_send|__sys_recv|__x64_sys_send|__x64_sys_recv|sk_|skb_|__skb|ip_|__ip_|net_rx|__napi|loopback_|ep_|do_epoll|__x64_sys_epoll)/)
    return "kernel: network"
  if (frame ~ /^(ext4_|jbd2_|submit_bio|blk_|virtio|generic_perform_write|vfs_fsync|filemap_|file_write_and_wait|__x64_sys_fdatasync|__x64_sys_fsync|__x64_sys_pwrite|vfs_write)/)
    return stack ~ /sqlite/ ? "SQLite" : "journal: write and sync"
  if (frame ~ /sqlite|gateway\/store/) return "SQLite"
  if (frame ~ /luben\/zstd|ZSTD_|util\/zip\/(GZIP|Inflater)|inflate/) return "decompress"
  if (frame ~ /MessageDigest|sun\/security\/provider|sha256|CRC32/)
    return "hash"
  if (frame ~ /tools\/jackson|telemetry\/event\//) return "parse"
  if (frame ~ /gateway\/(access|registry)/) return "token and sandbox"
  if (frame ~ /gateway\/(spool|journal)/) return "journal: write and sync"
  if (frame ~ /gateway\/(admission|quota|ledger)/) return "admission, quota, ledger"
  if (frame ~ /gateway\/(forward|usage)|lanternrock/) return "forwarder"
  if (frame ~ /org\/apache\/(tomcat|coyote|catalina)|springframework|jakarta\/servlet|micrometer/) return "HTTP: Tomcat and Spring"
  if (frame ~ /gateway\/intake/) return "intake"
  if (frame ~ /VirtualThread\.(park|unpark|yield|submit|runContinuation|afterYield)|LockSupport|ForkJoinPool|futex|Unsafe_(Un)?[Pp]ark|Continuation\.(yield|run)/)
    return "threads: waiting and waking"
  return ""
}
