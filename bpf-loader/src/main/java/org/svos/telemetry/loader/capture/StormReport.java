package org.svos.telemetry.loader.capture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.bpf.ArrayMap;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.record.GuardLayout;

/** Says in the log that the storm guard holds events back, and whose; once a minute as long as it does. */
final class StormReport {

    private static final System.Logger LOG = System.getLogger(StormReport.class.getName());
    private static final long SAID_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int NAMED = 3;

    private final Attachment attachment;
    private final ArrayMap table;
    private boolean any;
    private long said;
    private long saidOf;

    private record Storm(String sandbox, long throttled) {}

    StormReport(Attachment attachment) throws BpfFault {
        this.attachment = attachment;
        this.table = attachment.guard();
    }

    /**
     * Looks whether there is something to be said.
     *
     * @param throttled events held back until now
     */
    void look(long throttled) throws BpfFault {
        long now = System.nanoTime();
        if (throttled <= saidOf || (any && now - said < SAID_NANOS)) {
            return;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "The storm guard holds back what is over " + attachment.limit()
                        + " events a second of a sandbox (guard.eventsPerSecond): " + (throttled - saidOf)
                        + " events, counted as throttled, the most of " + worst());
        any = true;
        said = now;
        saidOf = throttled;
    }

    private String worst() throws BpfFault {
        List<Storm> storms = new ArrayList<>();
        for (int set = 0; set < GuardLayout.SETS; set++) {
            table.read(set);
            for (int way = 0; way < GuardLayout.SET_BYTES; way += GuardLayout.WAY_BYTES) {
                long throttled = table.number(way + GuardLayout.THROTTLED);
                if (throttled > 0) {
                    storms.add(new Storm(name(way), throttled));
                }
            }
        }
        return storms.stream()
                .sorted(Comparator.comparingLong(Storm::throttled).reversed())
                .limit(NAMED)
                .map(storm -> "sandbox " + storm.sandbox() + " (" + storm.throttled() + ")")
                .collect(Collectors.joining(", "));
    }

    /** The text is the kernel code's: only what an ID consists of goes to the log. */
    private String name(int way) {
        String text = table.text(way + GuardLayout.SANDBOX, GuardLayout.SANDBOX_BYTES);
        return text.matches("[0-9A-Fa-f-]{36}") ? text : "(no sandbox ID)";
    }
}
