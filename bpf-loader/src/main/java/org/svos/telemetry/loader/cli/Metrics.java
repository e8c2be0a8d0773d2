package org.svos.telemetry.loader.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.Withheld;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.record.Text;
import org.svos.telemetry.loader.upload.Outcome;

/** The metrics in Prometheus' text format 0.0.4, with the contract's names. */
final class Metrics {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder();

    private Metrics() {}

    static String of(Loader loader) {
        return new Metrics().write(loader).toString();
    }

    private StringBuilder write(Loader loader) {
        Balance balance = loader.capture().balance();
        head("telemetry_host_seen_total", "counter", "Calls of the function since the boot, while it was attached to.");
        for (Hook hook : Hook.ALL) {
            sample(
                    "telemetry_host_seen_total",
                    "hook",
                    hook.function(),
                    balance.kernel().of(hook).seen());
        }
        head("telemetry_host_captured_total", "counter", "Calls that came into the ring.");
        for (Hook hook : Hook.ALL) {
            sample(
                    "telemetry_host_captured_total",
                    "hook",
                    hook.function(),
                    balance.kernel().of(hook).captured());
        }
        head("telemetry_host_lost_total", "counter", "Events lost since the boot, by cause.");
        lost(balance).forEach((reason, count) -> sample("telemetry_host_lost_total", "reason", reason, count));
        withheld(loader, balance);
        head("telemetry_host_spool_bytes", "gauge", "Bytes of compressed batches that wait on disk.");
        text.append("telemetry_host_spool_bytes ")
                .append(loader.spool().bytes())
                .append('\n');
        head("telemetry_host_upload_total", "counter", "Posts to the gateway, by what came of them.");
        for (Outcome outcome : Outcome.values()) {
            sample(
                    "telemetry_host_upload_total",
                    "outcome",
                    outcome.label(),
                    loader.uploader().count(outcome));
        }
        head("telemetry_host_attach_info", "gauge", "How the functions are attached to.");
        boolean isOff = loader.capture().offSince() != null;
        sample(
                "telemetry_host_attach_info",
                "mechanism",
                isOff ? "off" : loader.capture().mechanism(),
                1);
        head("telemetry_host_last_drain_age_seconds", "gauge", "Time since the ring was last looked at.");
        text.append("telemetry_host_last_drain_age_seconds ")
                .append(loader.capture().lastDrainAge().toMillis() / 1000.0)
                .append('\n');
        head("telemetry_host_truncated_total", "counter", "Events with a text cut, as it was longer than is captured.");
        for (Text cut : Text.values()) {
            sample(
                    "telemetry_host_truncated_total",
                    "text",
                    cut.label(),
                    loader.capture().truncated(cut));
        }
        head("telemetry_host_ledger_imbalance_events", "gauge", "By how much a sum of the host's ledger fails: 0.");
        sample("telemetry_host_ledger_imbalance_events", "sum", "kernel", balance.kernelImbalance());
        sample("telemetry_host_ledger_imbalance_events", "sum", "loader", balance.hostImbalance());
        return text;
    }

    private void withheld(Loader loader, Balance balance) {
        head("telemetry_host_withheld_total", "counter", "Events that the host's owner has withheld since the boot.");
        for (Withheld reason : Withheld.values()) {
            long events = balance.settled().withheld().getOrDefault(reason.reason(), 0L);
            sample("telemetry_host_withheld_total", "reason", reason.reason(), events);
        }
        head(
                "telemetry_host_payloads_withheld_total",
                "counter",
                "Payloads withheld whole: fields are dropped, and they were no JSON.");
        text.append("telemetry_host_payloads_withheld_total ")
                .append(loader.capture().withheldPayloads())
                .append('\n');
    }

    private static Map<String, Long> lost(Balance balance) {
        HookCounts total = balance.kernel().total();
        Map<String, Long> lost = new LinkedHashMap<>();
        lost.put("ringFull", total.ringFull());
        lost.put("probeFault", total.probeFault());
        lost.put("recursion", total.recursion());
        lost.put("throttled", total.throttled());
        lost.put("spoolEvicted", balance.settled().spoolEvicted());
        lost.put("uncleanStop", balance.settled().uncleanStop());
        return lost;
    }

    private void head(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, String label, String value, long number) {
        text.append(name)
                .append('{')
                .append(label)
                .append("=\"")
                .append(value)
                .append("\"} ")
                .append(number)
                .append('\n');
    }
}
