# shellcheck shell=bash disable=SC2034,SC2154  # Each of the files uses what the others set.
# Runs of the benchmark "forward", and the processes they need.
#
# A line of the results: kind delay, then name=value for each figure. Kinds: drain, together, intake, stand-in, warm-up.

# So soon all lanes are back when Lantern Rock answers again.
readonly retry_max=500ms

start_sink_and_gateway() {
  sink=$(free_port)
  start "$scratch/sink.log" taskset -c 1 "$native/sink" "$sink"
  await "the sink listens" 10 "$scratch/sink.log" listens "$sink"
  start_forward_gateway "$scratch/data" "http://127.0.0.1:$sink"
}

# start_forward_gateway FOLDER URL
start_forward_gateway() {
  api=$(free_port) management=$(free_port) lantern_rock=$(free_port)
  start_services "$1" "$api" "$management" "$lantern_rock" SERVER_ADDRESS=127.0.0.1 \
    "TELEMETRY_LANTERN_ROCK_URL=${2:-http://127.0.0.1:$lantern_rock}" "TELEMETRY_FORWARD_RETRY_MAX=$retry_max" taskset -c 0
  ports[gateway]=$api pids[gateway]=${children[-1]} pid=${children[-1]}
  taskset -apc 1 "${children[-2]}" >/dev/null
}

stop_forward_gateway() {
  stop_child "${children[-1]}"
  unset 'children[-1]'
  stop_child "${children[-1]}"
  unset 'children[-1]'
  rm -rf "$scratch/data"
}

start_gateway_towards_stand_in() { start_forward_gateway "$scratch/data-2" ""; }

# The databases bench-0 and so on, sandboxes among them in turns. Sets token.
open_databases() {
  local i names=
  local quota='"quota": {"bytesPerDay": 1000000000000000, "eventsPerSecond": 1000000000, "burst": 1000000000}'
  for ((i = 0; i < databases; i++)); do
    admin_call POST /api/v1/databases "{\"name\": \"bench-$i\", \"owner\": \"bench\", $quota}" >/dev/null
    names+=${names:+, }"\"bench-$i\""
  done
  for ((i = 0; i < sandboxes; i++)); do
    admin_call POST "/api/v1/databases/bench-$((i % databases))/sandboxes" \
      "$(printf '{"id": "%s%08x"}' "${sandbox%????????}" "$i")" >/dev/null
  done
  token=$(admin_call POST /api/v1/tokens "{\"role\": \"host\", \"name\": \"bench\", \"databases\": [$names]}" | jq -r .secret)
}

# post: batches for so long as a run lasts; what the load prints.
post() {
  foreground taskset -c 1 "$native/load" "$api" "/api/v1/sandboxes/$sandbox/batches" "$token" gateway "$events" \
    "$connections" "$seconds" 0 "$sandboxes" >"$scratch/run" || fail "the load failed; what it said is above"
  awk '$3 { exit 1 }' "$scratch/run" || fail "requests failed; the first is above"
}

posted_events() { awk -v events="$events" '{ print $1 * events }' "$scratch/run"; }

sink_answers() { curl -fsS -X POST "http://127.0.0.1:$sink/answer/$1/$2" >/dev/null; }

sink_counts() { curl -fsS "http://127.0.0.1:$sink/counts"; }

ledger() { admin_call GET /api/v1/ledger | jq -r ".$1"; }

# Until nothing waits; fails when it does not get less.
await_delivery() {
  local left before='' same=0
  while left=$(ledger waiting) && [ "$left" != 0 ]; do
    if [ "$left" = "$before" ]; then same=$((same + 1)); else same=0; fi
    [ "$same" -lt 100 ] || fail "$left events wait and are not delivered; the gateway's log: $scratch/data/gateway.log"
    before=$left
    sleep 0.2
  done
}

# drain DELAY KIND: a backlog, then Lantern Rock takes it.
drain() {
  local counts before
  sink_answers 503 0
  post
  before=$(ticks "$pid")
  sink_answers 200 "$1"
  await_delivery
  read -r -a counts < <(sink_counts)
  [ "${counts[1]}" = "$(posted_events)" ] || fail "$(posted_events) events were taken in and ${counts[1]} delivered"
  result "$2" "$1" "${counts[1]}" "${counts[3]}" $(($(ticks "$pid") - before)) "${counts[4]}"
}

# together DELAY: posting and delivering at once.
together() {
  local at_end after
  sink_answers 200 "$1"
  local before
  before=$(ticks "$pid")
  post
  read -r -a at_end < <(sink_counts)
  after=$(ticks "$pid")
  result together "$1" "${at_end[1]}" "$((seconds * 1000000))" $((after - before)) "${at_end[4]}" \
    "in=$(awk -v n="$(posted_events)" '{ print n / $2 * 1e6 }' "$scratch/run")" \
    "left=$(awk -v n="$(posted_events)" -v d="${at_end[1]}" 'BEGIN { print 100 * (n - d) / n }')"
  await_delivery
}

# The intake by itself in the same run: what delivery is to keep up with.
intake_alone() {
  local before
  sink_answers 503 0
  before=$(ticks "$pid")
  post
  read -r -a fields <"$scratch/run"
  result intake - "$(posted_events)" "${fields[1]}" $(($(ticks "$pid") - before)) 0
  sink_answers 200 0
  await_delivery
}

behave() {
  curl -fsS -X PUT -H 'Content-Type: application/json' -d "$1" "http://127.0.0.1:$lantern_rock/behaviour" >/dev/null
}

# drain_to_stand_in DELAY KIND: it does not count, so the time is the ledger's, from the moment it answers again.
drain_to_stand_in() {
  local before began
  behave '{"mode": "status", "status": 503}'
  post
  before=$(ticks "$pid")
  behave "{\"mode\": \"slow\", \"delayMs\": $1}"
  began=$(date +%s%N)
  await_delivery
  result "$2" "$1" "$(posted_events)" "$((($(date +%s%N) - began) / 1000))" $(($(ticks "$pid") - before)) 0
  curl -fsS -X DELETE "http://127.0.0.1:$lantern_rock/records" >/dev/null
}

# result KIND DELAY EVENTS MICROSECONDS TICKS MOST [NAME=VALUE...]
result() {
  awk -v kind="$1" -v delay="$2" -v events="$3" -v micros="$4" -v ticks="$5" -v most="$6" -v more="${*:7}" \
    -v hertz="$(getconf CLK_TCK)" -v peak="$(memory "$pid" VmHWM)" 'BEGIN {
      printf "%s %s out=%s cpu=%s most=%s peak=%s %s\n", kind, delay, events / micros * 1e6,
        events ? ticks / hertz * 1e6 / events : 0, most, peak / 1024, more }' >>"$results"
  tail -n 1 "$results" >&2
}
