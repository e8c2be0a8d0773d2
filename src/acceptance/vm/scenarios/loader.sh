# A loader in the VM, started, asked and ended by a scenario. Sourced by it.
#
# The environment has the loader's settings (TELEMETRY_HOST_...), and SANDBOX, the ID to emit for.

export TELEMETRY_HOST_STOP_TIMEOUT="${TELEMETRY_HOST_STOP_TIMEOUT:-60s}"
loader_log=/tmp/loader.log

die() { echo "vm: FAILED: $*"; cat /tmp/loader.log*; exit 1; }

# start TEXT: a loader, till it has printed a line that begins so.
start() {
  # Here, not by the redirection, which the loader's own process makes: the last one's lines would be taken for its own.
  : > $loader_log
  java @/opt/java-options -jar /opt/loader.jar run > $loader_log 2>&1 &
  loader=$!
  wait_for "^$1"
}

# wait_for TEXT: till the loader has printed such a line.
wait_for() {
  until grep -qs "$1" $loader_log; do
    kill -0 "$loader" 2> /dev/null || die "the loader ended and never said '$1'"
    sleep 0.1
  done
}

# emit COUNT: the example's five calls and COUNT messages.
emit() {
  insmod /lib/modules/telemetry_example.ko sandbox="$SANDBOX" count="$1" || die 'insmod of the example'
  rmmod telemetry_example || die 'rmmod of the example'
}

end() {
  kill -TERM "$loader"
  wait "$loader" || die "the loader ended with $?"
  grep '^ledger:' $loader_log || die 'no ledger'
}

# detach: takes all of the loader out of the kernel, and looks that nothing is left.
detach() {
  java @/opt/java-options -jar /opt/loader.jar detach || die 'detach'
  grep svos /sys/kernel/tracing/kprobe_events && die 'a trace event is left'
  grep -w telemetry_msg /sys/kernel/debug/kprobes/list && die 'a kprobe is left'
  ls -A /sys/fs/bpf | grep svos && die 'pins are left'
  true
}
