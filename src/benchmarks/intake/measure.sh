# shellcheck shell=bash disable=SC2154
# One run of the benchmark "intake", and what is read of the server meanwhile.
#
# A line of the results: kind server events connections, then name=value for each figure. Kinds: closed (as fast as answers
# come), half (an open loop at half of that), sync (the disk by itself; the server is "page" or "group"), profile.

readonly sandbox=5a6d1c3e-0000-4000-8000-00000000be7c
readonly native=src/benchmarks/target/native

# Each sync of a file on ext4 passes one tracepoint, whether it is asked for by fsync, fdatasync, msync or a write to a file
# opened with O_DSYNC, and nothing else pays for it. On another file system the system calls are counted.
choose_sync_events() {
  local events
  for events in ext4:ext4_sync_file_enter \
    syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync,syscalls:sys_enter_msync; do
    [[ $events != ext4:* ]] || [ "$(stat -f -c %T "$scratch")" = ext2/ext3 ] || continue
    if perf stat -x, -e "$events" -o "$scratch/syncs" true >/dev/null 2>&1; then
      sync_events=$events
      return
    fi
  done
  sync_events=
  say "Syncs are not counted: perf cannot see them here (it needs root, and a kernel with tracepoints)"
}

# ticks PID: CPU time of a process in clock ticks, user and system.
ticks() { sed 's/^.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# memory PID FIELD: of its status, in kB.
memory() { awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status"; }

# load SERVER EVENTS CONNECTIONS SECONDS RATE: what the load prints; syncs go to the file of that name.
load() {
  local form=gateway counted=()
  [ "$1" != flume ] || form=flume
  [ -z "$sync_events" ] ||
    counted=(perf stat -x ',' -e "$sync_events" -p "${pids[$1]}" -o "$scratch/syncs" --)
  foreground taskset -c 1 "${counted[@]}" "$native/load" "${ports[$1]}" "/api/v1/sandboxes/$sandbox/batches" \
    "${token:-none}" "$form" "$2" "$3" "$4" "$5"
}

# How many syncs the last load saw; nothing where they cannot be counted.
syncs() { [ -z "$sync_events" ] || awk -F, 'NF > 2 { n += $1 } END { print n + 0 }' "$scratch/syncs"; }

# measure KIND SERVER EVENTS CONNECTIONS RATE: one run; a line to the results file.
measure() {
  local kind=$1 server=$2 events=$3 connections=$4 pid=${pids[$2]} before after fields
  [ "$server" != gateway ] || open_database
  # From here on the kernel keeps the peak of resident memory anew.
  echo 5 >"/proc/$pid/clear_refs"
  before=$(ticks "$pid")
  load "$server" "$events" "$connections" "$seconds" "$5" >"$scratch/run" ||
    fail "the load on $server failed; what it said is above"
  after=$(ticks "$pid")
  read -r -a fields <"$scratch/run"
  [ "${fields[2]}" = 0 ] || fail "${fields[2]} of ${fields[0]} requests to $server failed; the first is above"
  awk -v kind="$kind" -v server="$server" -v events="$events" -v connections="$connections" -v rate="$5" \
    -v requests="${fields[0]}" -v micros="${fields[1]}" -v p50="${fields[3]}" -v p99="${fields[4]}" \
    -v load="${fields[5]}" -v body="${fields[6]}" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" \
    -v syncs="$(syncs)" -v peak="$(memory "$pid" VmHWM)" -v anonymous="$(memory "$pid" RssAnon)" 'BEGIN {
      cpu = ticks / hertz * 1e6 / requests
      printf "%s %s %s %s requests=%s events=%s request-cpu=%s event-cpu=%s p50=%s p99=%s peak=%s anonymous=%s load=%s",
        kind, server, events, connections, requests / micros * 1e6, requests * events / micros * 1e6, cpu, cpu / events,
        p50, p99, peak / 1024, anonymous / 1024, 100 * load / micros
      if (syncs != "") printf " syncs=%s request-syncs=%s", syncs, syncs / requests
      printf " body=%s rate=%s group=%d\n", body, rate, (syncs > 0 ? requests * body / syncs : body) }' >>"$results"
  [ "$server" != gateway ] || close_database
}

# Bytes of bodies that one sync made durable, in the last run.
last_group_bytes() { tail -n 1 "$results" | sed 's/.* group=\([0-9]*\).*/\1/'; }

# measure_sync EVENTS NAME BYTES: the disk by itself, on the server's core.
measure_sync() {
  local writes p50 p99
  foreground taskset -c 0 "$native/sync" "$scratch/sync" "$3" 1 >"$scratch/run" || fail "the disk could not be measured"
  read -r writes p50 p99 <"$scratch/run"
  echo "sync $2 $1 $most bytes=$3 writes=$writes p50=$p50 p99=$p99" >>"$results"
}

# column KIND SERVER EVENTS CONNECTIONS NAME: that figure of each such run, one a line.
column() {
  awk -v k="$1" -v s="$2" -v e="$3" -v c="$4" -v name="$5=" '$1 == k && $2 == s && $3 == e && $4 == c {
    for (i = 5; i <= NF; i++) if (index($i, name) == 1) print substr($i, length(name) + 1) }' "$results"
}

median() {
  sort -g | awk '{ v[NR] = $1 }
    END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

median_and_range() {
  sort -g | awk '
    function shown(x) { return sprintf(x == int(x) ? "%d" : x < 0.1 ? "%.3f" : x < 100 ? "%.2f" : "%.0f", x) }
    { v[NR] = $1 }
    END { if (!NR) { print "–"; exit }
      m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
      print shown(m) (v[1] == v[NR] ? "" : " (" shown(v[1]) "–" shown(v[NR]) ")") }'
}
