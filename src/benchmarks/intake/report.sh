# shellcheck shell=bash disable=SC2154
# What the benchmark "intake" prints at its end: the tables of docs/benchmarks.md, and the targets.

print_report() {
  describe_machine
  describe_syncs
  echo "Medians (ranges) of $rounds runs of $seconds s each, in turns, after $warm_up s to warm up."
  print_throughput
  print_memory
  print_half_load
  [ -z "${PROFILE:-}" ] || print_profile
  print_targets
}

describe_syncs() {
  local events server
  if [ -n "$sync_events" ]; then echo "Syncs are counted at ${sync_events//,/, }."; else echo "Syncs were not counted."; fi
  for events in $all_events; do
    printf 'Bytes of a body of %s events:' "$events"
    for server in $servers; do
      printf ' %s %s' "$server" "$(column closed "$server" "$events" "$most" body | head -n 1)"
    done
    echo
  done
}

# cells KIND SERVER EVENTS CONNECTIONS NAME...: the end of a table's row.
cells() {
  local key=("${@:1:4}") name
  for name in "${@:5}"; do printf ' %s |' "$(column "${key[@]}" "$name" | median_and_range)"; done
  echo
}

print_throughput() {
  local events connections server
  printf '\n### As fast as answers come\n\n'
  echo "| server | events a batch | connections | events/s | CPU µs a request | CPU µs an event | p50 µs | p99 µs | syncs | syncs a request | load's core, % |"
  echo "|---|---|---|---|---|---|---|---|---|---|---|"
  for events in $all_events; do
    for connections in $all_connections; do
      for server in $servers; do
        printf '| %s | %s | %s |' "$server" "$events" "$connections"
        cells closed "$server" "$events" "$connections" events request-cpu event-cpu p50 p99 syncs request-syncs load
      done
    done
  done
}

print_memory() {
  local server
  printf '\n### Resident memory\n\n| server | peak of all runs, MiB | most of it anonymous, MiB |\n|---|---|---|\n'
  for server in $servers; do
    printf '| %s | %.0f | %.0f |\n' "$server" "$(highest "$server" peak)" "$(highest "$server" anonymous)"
  done
}

# highest SERVER NAME: over all runs but those under the profiler, which takes memory of its own.
highest() {
  awk -v s="$1" -v name="$2=" '$2 == s && $1 != "profile" { for (i = 5; i <= NF; i++) if (index($i, name) == 1) {
    x = substr($i, length(name) + 1) + 0; if (x > most) most = x } } END { print most + 0 }' "$results"
}

print_half_load() {
  local events server
  printf '\n### Half load\n\n'
  echo "| what | events a batch | connections | requests/s | p50 µs | p99 µs | syncs a request |"
  echo "|---|---|---|---|---|---|---|"
  for events in $all_events; do
    for server in $servers; do
      [ -n "$(column half "$server" "$events" "$most" p99)" ] || continue
      printf '| %s | %s | %s |' "$server" "$events" "$most"
      cells half "$server" "$events" "$most" rate p50 p99 request-syncs
    done
    for server in page group; do
      [ -n "$(column sync "$server" "$events" "$most" p99)" ] || continue
      printf '| the disk: %s bytes and a sync | %s | – |' \
        "$(column sync "$server" "$events" "$most" bytes | median_and_range)" "$events"
      cells sync "$server" "$events" "$most" writes p50 p99 none
    done
  done
}

print_targets() {
  local events connections
  is_run gateway || return 0
  printf '\n### Targets\n\n| target | bound | here | |\n|---|---|---|---|\n'
  for connections in $all_connections; do
    target "CPU µs an event, 100 events, $connections connections" 'at most' 2 "$(middle closed gateway 100 "$connections" event-cpu)"
  done
  for connections in $all_connections; do
    times "events/s beside Flume's, 100 events, $connections connections" 'at least' 6 \
      closed gateway 100 "$connections" events closed flume 100 "$connections" events
  done
  times "events/s beside Flume's, 1 event, $most connections" 'at least' 3 \
    closed gateway 1 "$most" events closed flume 1 "$most" events
  for events in $all_events; do
    for connections in $all_connections; do
      times "events/s beside parse-only's, $events events, $connections connections" 'at least' 0.8 \
        closed gateway "$events" "$connections" events closed parse-only "$events" "$connections" events
    done
  done
  for events in $all_events; do
    times "p99 at half load beside the disk's p99 for 4,096 bytes, $events events" 'at most' 3 \
      half gateway "$events" "$most" p99 sync page "$events" "$most" p99
    times "p99 at half load beside the disk's p99 for as much as one sync takes, $events events" 'at most' 3 \
      half gateway "$events" "$most" p99 sync group "$events" "$most" p99
  done
  target "resident MiB, peak" 'under' 256 "$(highest gateway peak)"
}

middle() { column "$@" | median; }

# times TEXT SENSE BOUND, then five words for each of two columns: the first one's median in terms of the second one's.
times() {
  target "$1" "$2" "$3" "$(awk -v a="$(middle "${@:4:5}")" -v b="$(middle "${@:9:5}")" 'BEGIN { if (a != "" && b > 0) print a / b }')"
}

# target TEXT SENSE BOUND VALUE: a row; none if there is no value, as what it needs was not run.
target() {
  [ -n "$4" ] || return 0
  awk -v text="$1" -v sense="$2" -v bound="$3" -v value="$4" 'BEGIN {
    met = sense == "at least" ? value >= bound : sense == "at most" ? value <= bound : value < bound
    printf "| %s | %s %s | %.2f | %s |\n", text, sense, bound, value, met ? "reached" : "not reached" }'
}
