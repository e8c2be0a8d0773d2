package org.svos.telemetry.loader.cli;

import java.time.Duration;
import java.util.Map;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.upload.LaneState;

/** The running loader's state, for people. The line that begins with "ledger:" is for scripts too. */
final class StatusText {

    private static final int MOST_LANES = 20;

    /** Longer than this without a look at the ring, and something is wrong. */
    static final Duration LATE = Duration.ofSeconds(10);

    private StatusText() {}

    static String of(Loader loader) {
        Balance balance = loader.capture().balance();
        StringBuilder text = new StringBuilder();
        text.append("running, attached by ")
                .append(loader.capture().mechanism())
                .append('\n');
        Duration age = loader.capture().lastDrainAge();
        if (age.compareTo(LATE) > 0) {
            text.append("LATE: the ring was last read ").append(age.toSeconds()).append(" s ago\n");
        }
        for (Hook hook : Hook.ALL) {
            HookCounts counts = balance.kernel().of(hook);
            text.append(
                    "hook %-20s seen %d, captured %d%n".formatted(hook.function(), counts.seen(), counts.captured()));
        }
        HookCounts total = balance.kernel().total();
        text.append(
                "lost: ring full %d, probe fault %d, recursion %d, throttled %d, spool evicted %d, unclean stop %d%n"
                        .formatted(
                                total.ringFull(),
                                total.probeFault(),
                                total.recursion(),
                                total.throttled(),
                                balance.settled().spoolEvicted(),
                                balance.settled().uncleanStop()));
        balance.settled().rejected().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(reason -> text.append("rejected: %s %d%n".formatted(reason.getKey(), reason.getValue())));
        text.append("spool: %d events, %d bytes%n"
                .formatted(loader.spool().events(), loader.spool().bytes()));
        loader.uploader().lanes().stream()
                .filter(lane -> lane.why() != null)
                .limit(MOST_LANES)
                .forEach(lane -> text.append(line(lane)));
        if (loader.capture().doubles() > 0) {
            text.append("records that came a second time: ")
                    .append(loader.capture().doubles())
                    .append('\n');
        }
        if (balance.imbalance() != 0) {
            text.append("IMBALANCE: ").append(balance.imbalance()).append(" events, a defect of the loader\n");
        }
        return text.append(balance.line()).append('\n').toString();
    }

    private static String line(LaneState lane) {
        return "sandbox %s waits until %s: %s%n".formatted(lane.sandbox(), lane.until(), lane.why());
    }
}
