package org.svos.telemetry.loader.attach;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;

/** What a loader that does not run any more has left in the kernel. */
public final class Leftovers {

    // The kernel frees what nobody holds a little later, by itself: newer ones wait for a grace period of tasks at each
    // link in
    // turn, on a busy machine a second and more.
    private static final int LOOKS = 600;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Pins pins;
    private final Numbers numbers;

    private Leftovers(Pins pins, Numbers numbers) {
        this.pins = pins;
        this.numbers = numbers;
    }

    /** What is pinned there now. */
    public static Leftovers in(Pins pins) throws BpfFault {
        return new Leftovers(pins, pins.numbers());
    }

    /**
     * What was removed, and what is still there.
     *
     * @param maps that were pinned, as programs and links
     * @param there of maps, programs and links, how many the kernel still has
     * @param events of tracefs that are in use
     */
    public record Removal(int maps, int programs, int links, long there, int events) {

        /** Whether nothing is left. */
        public boolean isComplete() {
            return there == 0 && events == 0;
        }

        /** In words. */
        public String line() {
            if (!isComplete()) {
                return "not everything is gone: " + there + " maps, programs and links, and " + events
                        + " trace events are held by another process (bpftool -d map, prog, link show)";
            }
            return maps + programs + links == 0
                    ? "nothing to detach: the kernel has nothing of this loader"
                    : "detached: " + links + " links, " + programs + " programs and " + maps
                            + " maps are removed; the kernel has nothing of this loader any more";
        }
    }

    /** Removes it all, and waits until the kernel has let go of it. */
    public static Removal remove(@Nullable Leftovers left, KernelFiles kernel) throws BpfFault {
        Numbers numbers = left == null ? new Numbers(List.of(), List.of(), List.of()) : left.numbers;
        if (left != null) {
            left.pins.clear();
        }
        TraceEvents events = TraceEvents.of(kernel);
        long there = 0;
        int busy = 0;
        for (int i = 0; i < LOOKS; i++) {
            there = numbers.there();
            busy = events == null ? 0 : events.sweep();
            if (there + busy == 0) {
                break;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return new Removal(
                numbers.maps().size(),
                numbers.programs().size(),
                numbers.links().size(),
                there,
                busy);
    }
}
