package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;

/** What a loader that does not run any more has left in the kernel. */
public final class Leftovers {

    // The kernel frees what nobody holds a little later, by itself: newer ones wait for a grace period of tasks at each
    // link in turn, on a busy machine a second and more, and on one whose processors are taken away by others much
    // longer.
    private static final long KERNEL_NANOS = TimeUnit.MINUTES.toNanos(3);
    // A process that holds something may be on its way out, too, and looking for it is dear.
    private static final long LOOK_FOR_HOLDERS_NANOS = TimeUnit.SECONDS.toNanos(5);
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
     * @param there what the kernel still has of them, in words; empty if nothing
     * @param events of tracefs that are in use
     * @param holders processes that hold what is there by a descriptor
     */
    public record Removal(int maps, int programs, int links, String there, int events, Set<String> holders) {

        /** Whether nothing is left. */
        public boolean isComplete() {
            return there.isEmpty() && events == 0;
        }

        /** In words. */
        public String line() {
            if (isComplete()) {
                return maps + programs + links == 0
                        ? "nothing to detach: the kernel has nothing of this loader"
                        : "detached: " + links + " links, " + programs + " programs and " + maps
                                + " maps are removed; the kernel has nothing of this loader any more";
            }
            List<String> left = new ArrayList<>();
            if (!there.isEmpty()) {
                left.add(there);
            }
            if (events > 0) {
                left.add(events + " trace events");
            }
            String by = holders.isEmpty()
                    ? "the kernel has not let go of it within " + TimeUnit.NANOSECONDS.toSeconds(KERNEL_NANOS)
                            + " s, and no process has it open, though one may have mapped a map (bpftool map, prog, link show)"
                    : "held by process " + String.join(" and process ", holders) + ", with which it goes";
            return "not everything is gone: " + String.join(", ", left) + "; " + by;
        }
    }

    /** Removes it all, and waits until the kernel has let go of it. */
    public static Removal remove(@Nullable Leftovers left, KernelFiles kernel) throws BpfFault {
        Numbers numbers = left == null ? Numbers.NONE : left.numbers;
        if (left != null) {
            left.pins.clear();
        }
        TraceEvents events = TraceEvents.of(kernel);
        Holders all = new Holders(kernel);
        Set<String> holders = Set.of();
        long begun = System.nanoTime();
        long lookAfter = LOOK_FOR_HOLDERS_NANOS;
        Numbers there = numbers.there();
        int busy = events == null ? 0 : events.sweep();
        while ((!there.isEmpty() || busy > 0) && holders.isEmpty() && System.nanoTime() - begun < KERNEL_NANOS) {
            LockSupport.parkNanos(PAUSE_NANOS);
            there = there.there();
            busy = events == null ? 0 : events.sweep();
            long waited = System.nanoTime() - begun;
            if (waited > lookAfter) {
                lookAfter = waited + LOOK_FOR_HOLDERS_NANOS;
                holders = all.of(there);
            }
        }
        return new Removal(
                numbers.maps().size(),
                numbers.programs().size(),
                numbers.links().size(),
                there.line(),
                busy,
                holders);
    }
}
