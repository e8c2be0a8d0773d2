# shellcheck shell=bash disable=SC2154
# What the benchmark "forward" prints at its end: the table of docs/benchmarks.md.

print_forward_report() {
  local delay
  describe_machine
  echo "Medians (ranges) of $rounds runs; a backlog of what $seconds s of posting bring; $events events a batch, $databases" \
    "databases, $sandboxes sandboxes. Load average $(cut -d ' ' -f 1-3 /proc/loadavg) at the end."
  printf '\n| what | answers after | events/s delivered | CPU µs an event | under way at most | events/s taken in | not delivered at the end, %% |\n'
  echo '|---|---|---|---|---|---|---|'
  for delay in $delays; do forward_row 'a backlog' drain "$delay" "$delay ms"; done
  for delay in $delays; do forward_row 'together with the intake' together "$delay" "$delay ms"; done
  if [ -n "$stand_in" ]; then
    for delay in $delays; do forward_row 'a backlog, to the stand-in' stand-in "$delay" "a sync and $delay ms"; done
  fi
  printf '| the intake alone | – | – | %s | – | %s | – |\n' "$(forward_column intake - cpu | median_and_range)" \
    "$(forward_column intake - out | median_and_range)"
  forward_target
  [ -z "${PROFILE:-}" ] || print_forward_profile
}

# forward_row TEXT KIND DELAY ANSWERS
forward_row() {
  local name
  printf '| %s | %s |' "$1" "$4"
  for name in out cpu most in left; do printf ' %s |' "$(forward_column "$2" "$3" "$name" | median_and_range)"; done
  echo
}

# forward_column KIND DELAY NAME: that figure of each such run, one a line.
forward_column() {
  awk -v k="$1" -v d="$2" -v name="$3=" '$1 == k && $2 == d {
    for (i = 3; i <= NF; i++) if (index($i, name) == 1) print substr($i, length(name) + 1) }' "$results"
}

forward_target() {
  local delay
  echo
  for delay in $delays; do
    awk -v out="$(forward_column drain "$delay" out | median)" -v taken="$(forward_column intake - out | median)" \
      -v delay="$delay" 'BEGIN {
        printf "%s: with answers after %s ms delivery does %.2f times what the intake takes on the same core\n",
          (out >= taken ? "reached" : "not reached"), delay, out / taken }'
  done
}

# One drain under the profiler, which counts for nothing else.
profile_drain() {
  local library jar
  fetch_rivals
  jar=$(echo "$PWD/$rivals_lib"/async-profiler-*.jar)
  (cd "$scratch" && "$JAVA_HOME/bin/jar" -xf "$jar" linux-x64/libasyncProfiler.so)
  library=$scratch/linux-x64/libasyncProfiler.so
  say "Profile of a drain"
  sink_answers 503 0
  post
  profiler "$library" "start,event=cpu,interval=500us,threads,cstack=dwarf"
  sink_answers 200 0
  await_delivery
  profiler "$library" "stop,file=$scratch/profile-forward,collapsed"
  cp "$scratch/profile-forward" target/forward-profile.collapsed
  awk -f src/benchmarks/intake/stations.awk "$scratch/profile-forward" >"$scratch/stations-forward"
}

print_forward_profile() {
  printf '\n| station | %% of a drain |\n|---|---|\n'
  awk -F '\t' '{ n[NR] = $1; v[NR] = $2; all += $2 }
    END { for (i = 1; i <= NR; i++) if (v[i]) printf "| %s | %.1f |\n", n[i], 100 * v[i] / all }' "$scratch/stations-forward"
  echo
  echo "Samples as flame graph input: target/forward-profile.collapsed"
}
