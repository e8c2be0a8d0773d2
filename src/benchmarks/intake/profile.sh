# shellcheck shell=bash disable=SC2154
# Where the gateway's time goes: a CPU profile by async-profiler, its samples put to the stations of a batch's way.

run_profiles() {
  local library events jar
  fetch_rivals
  jar=$(echo "$PWD/$rivals_lib"/async-profiler-*.jar)
  (cd "$scratch" && "$JAVA_HOME/bin/jar" -xf "$jar" linux-x64/libasyncProfiler.so)
  library=$scratch/linux-x64/libasyncProfiler.so
  for events in $all_events; do
    say "Profile, $events events a batch"
    profiler "$library" "start,event=cpu,interval=500us,threads,cstack=dwarf"
    measure profile gateway "$events" "$most" 0
    profiler "$library" "stop,file=$scratch/profile-$events,collapsed"
    cp "$scratch/profile-$events" "target/intake-profile-$events.collapsed"
    awk -f src/benchmarks/intake/stations.awk "$scratch/profile-$events" >"$scratch/stations-$events"
  done
}

profiler() {
  # In quotes of its own, or jcmd cuts it at the first "=".
  "$JAVA_HOME/bin/jcmd" "${pids[gateway]}" JVMTI.agent_load "$1" "\"$2\"" >"$scratch/profiler.log" 2>&1 || true
  grep -q 'return code: 0' "$scratch/profiler.log" || {
    cat "$scratch/profiler.log" >&2
    tail -n 3 "$scratch/data/gateway.log" >&2
    fail "the profiler would not $2; its words and the end of the gateway's log are above"
  }
}

print_profile() {
  local events station
  printf '\n### Where the time goes, %s connections\n\n| station |' "$most"
  for events in $all_events; do printf ' %% of %s events a batch | CPU µs a request |' "$events"; done
  printf '\n|---|'
  for events in $all_events; do printf -- '---|---|'; done
  echo
  cut -f 1 "$scratch"/stations-* | awk '!seen[$0]++' | while read -r station; do
    printf '| %s |' "$station"
    for events in $all_events; do
      awk -F '\t' -v station="$station" -v cpu="$(middle profile gateway "$events" "$most" request-cpu)" '
        { all += $2 } $1 == station { n = $2 }
        END { printf " %.1f | %.2f |", 100 * n / all, cpu * n / all }' "$scratch/stations-$events"
    done
    echo
  done
  echo
  echo "Samples as flame graph input: target/intake-profile-*.collapsed"
}
