# shellcheck shell=bash disable=SC2034,SC2154  # Each of the files uses what the others set.
# The four servers of the benchmark "intake", each a child of this script, on core 0 and a port of its own.

readonly rivals_lib=src/benchmarks/target/rivals
readonly flume_heap=1g

start_servers() {
  local server
  for server in $servers; do "start_${server//-/_}"; done
}

start_gateway() {
  api=$(free_port) management=$(free_port) lantern_rock=$(free_port)
  start_services "$scratch/data" "$api" "$management" "$lantern_rock" SERVER_ADDRESS=127.0.0.1 taskset -c 0
  ports[gateway]=$api pids[gateway]=${children[-1]}
  taskset -apc 1 "${children[-2]}" >/dev/null
  curl -fsS -X PUT -H 'Content-Type: application/json' -d '{"mode": "status", "status": 503, "retryAfter": 86400}' \
    "http://127.0.0.1:$lantern_rock/behaviour" >/dev/null
}

start_parse_only() {
  ports[parse-only]=$(free_port)
  start "$scratch/parse-only.log" env "SERVER_PORT=${ports[parse-only]}" \
    taskset -c 0 "$java" "@$gateway_jvm" -cp "src/benchmarks/target/classes:src/benchmarks/target/lib/*" \
    org.svos.telemetry.benchmarks.ParseOnly
  pids[parse-only]=${children[-1]}
  await "the server that only parses is ready" 60 "$scratch/parse-only.log" listens "${ports[parse-only]}"
}

# fill_in FILE PORT FOLDER: a rival's settings, with what differs from run to run.
fill_in() { sed -e "s:@PORT@:$2:g" -e "s:@FOLDER@:$3:g" "src/benchmarks/rivals/$1" >"$3/$1"; }

start_flume() {
  local folder=$scratch/flume
  fetch_rivals
  mkdir -p "$folder"
  ports[flume]=$(free_port)
  fill_in flume.properties "${ports[flume]}" "$folder"
  start "$scratch/flume.log" taskset -c 0 "$java" "-Xmx$flume_heap" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    -cp "$rivals_lib/*" org.apache.flume.node.Application --no-reload-conf --name a --conf-file "$folder/flume.properties"
  pids[flume]=${children[-1]}
  await "Flume is ready" 60 "$scratch/flume.log" listens "${ports[flume]}"
}

# Flume and the profiler come from Maven Central, once.
fetch_rivals() {
  local pom=src/benchmarks/rivals/pom.xml
  if [ ! -f "$rivals_lib/fetched" ] || [ "$pom" -nt "$rivals_lib/fetched" ]; then
    step "Fetching Apache Flume and the profiler" quiet_maven -f "$pom" dependency:copy-dependencies \
      "-DoutputDirectory=$PWD/$rivals_lib" -DincludeScope=runtime
    touch "$rivals_lib/fetched"
  fi
}

start_nginx() {
  local folder=$scratch/nginx binary=target/nginx/usr/sbin/nginx
  if command -v nginx >/dev/null; then binary=nginx; else fetch_nginx; fi
  mkdir -p "$folder"
  ports[nginx]=$(free_port)
  fill_in nginx.conf "${ports[nginx]}" "$folder"
  start "$scratch/nginx.log" taskset -c 0 "$binary" -e stderr -p "$folder" -c "$folder/nginx.conf"
  await "nginx is ready" 30 "$scratch/nginx.log" listens "${ports[nginx]}"
  pids[nginx]=$(cat "/proc/${children[-1]}/task/${children[-1]}/children")
  pids[nginx]=${pids[nginx]%% *}
}

# Debian's nginx is unpacked, not installed: its package would start a server of its own on port 80.
fetch_nginx() {
  local folder=target/nginx
  [ ! -x "$folder/usr/sbin/nginx" ] || return 0
  say "Fetching nginx"
  rm -rf "$folder"
  mkdir -p "$folder"
  apt-cache show nginx >/dev/null 2>&1 || apt -qq update
  (cd "$folder" && apt-get -qq download nginx) || fail "apt-get could not download the package nginx"
  dpkg-deb -x "$folder"/nginx_*.deb "$folder"
}

# admin_call METHOD PATH [BODY]
admin_call() {
  local body=()
  [ $# -lt 3 ] || body=(-H 'Content-Type: application/json' -d "$3")
  curl -fsS -X "$1" -H "Authorization: Bearer $TELEMETRY_ADMIN_TOKEN" "${body[@]}" "http://127.0.0.1:$api$2"
}

# A database of its own for each run, so that no run pays for what an earlier one left. Sets token.
open_database() {
  local quota='"quota": {"bytesPerDay": 1000000000000, "eventsPerSecond": 1000000000, "burst": 1000000000}'
  admin_call POST /api/v1/databases "{\"name\": \"bench\", \"owner\": \"bench\", $quota}" >/dev/null
  admin_call POST /api/v1/databases/bench/sandboxes "{\"id\": \"$sandbox\"}" >/dev/null
  token=$(admin_call POST /api/v1/tokens '{"role": "host", "name": "bench", "databases": ["bench"]}' | jq -r .secret)
}

close_database() { admin_call DELETE '/api/v1/databases/bench?discard=true'; }
