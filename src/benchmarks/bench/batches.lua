-- Load for the intake, to be run by wrk with one thread: batches of messages as one host sends them, each under a key of
-- its own, numbered on from batch to batch. An event is about 300 bytes of JSON.
--
--   wrk -t1 … -s batches.lua URL -- TOKEN EVENTS KEY_PREFIX

local head = '{"host": {"id": "bench", "name": "bench", "bootId": "6f3c1f0e-2f1b-4d7a-9d53-0d8a2f6f9d11", '
  .. '"kernel": "6.1.0-40-amd64", "loaderVersion": "1.0.0"}, "application": {"name": "nvme", "version": "6.1"}, '
  .. '"events": ['
local event = ', "kind": "message", "name": "queue-depth", "time": "2026-11-22T09:31:00.123456789Z", '
  .. '"bootTimeNs": 4711000000000, "cpu": 1, "pid": 412, "comm": "kworker/u4:2", "payload": "{ device: \'nvme0n1\', '
  .. 'depth: 31, waited_ns: 1834112, busy: true, node: 0, mode: \'polled\' }"}'

-- The body in pieces; at these places stand the sequence numbers.
local pieces, places = { head }, {}
local sequence, batches = 0, 0
local prefix

function init(args)
  local token, events = args[1], tonumber(args[2])
  prefix = args[3]
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. token
  wrk.headers["Content-Type"] = "application/json"
  for i = 1, events do
    pieces[#pieces + 1] = (i == 1 and "" or ", ") .. '{"seq": '
    pieces[#pieces + 1] = ""
    places[i] = #pieces
    pieces[#pieces + 1] = event
  end
  pieces[#pieces + 1] = "]}"
end

function request()
  batches = batches + 1
  for i = 1, #places do
    sequence = sequence + 1
    pieces[places[i]] = sequence
  end
  wrk.headers["Idempotency-Key"] = '"' .. prefix .. "-" .. batches .. '"'
  return wrk.format(nil, nil, nil, table.concat(pieces))
end

-- One line for the script: requests, microseconds, failures, and the latency's p50 and p99 in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
