package org.svos.telemetry.loader.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.svos.telemetry.loader.record.Hook;

/**
 * Watches the kernel's sum in every entry of its counters, one a hook and CPU, as it is looked at time and again:
 *
 * <pre>
 *   seen = captured + ring full + probe fault + recursion + throttled
 * </pre>
 *
 * An entry is read while its CPU may be counting, so that a difference need not mean anything. It is an imbalance
 *
 * <ul>
 *   <li>if the entry stood still with it for {@value #STILL} looks, and nothing can be under way any longer;
 *   <li>or if the entry moves, but was never without one for {@value #MOVING} looks: then it is the least of those.
 * </ul>
 */
public final class KernelSum {

    private static final int STILL = 3;
    private static final int MOVING = 60;

    private record Place(Hook hook, int cpu) {}

    /**
     * An entry whose sum fails.
     *
     * @param events by how many, never 0; negative if more is accounted for than was seen
     */
    public record Imbalance(Hook hook, int cpu, HookCounts counts, long events) {}

    private static final class Entry {
        private HookCounts last = HookCounts.NONE;
        private int still;
        private int unsettled;
        private long least;
        private long imbalance;
        private boolean told;

        void look(HookCounts now) {
            long difference = now.unaccounted();
            still = now.equals(last) ? still + 1 : 1;
            last = now;
            if (difference == 0) {
                unsettled = 0;
                imbalance = 0;
                return;
            }
            least = unsettled == 0 || Math.abs(difference) < Math.abs(least) ? difference : least;
            unsettled++;
            if (still >= STILL) {
                imbalance = difference;
            } else if (unsettled >= MOVING) {
                imbalance = least;
                unsettled = 0;
            }
        }

        void atRest(HookCounts now) {
            last = now;
            imbalance = now.unaccounted();
        }
    }

    private final Map<Place, Entry> entries = new HashMap<>();

    /** Looks at what was read just now. What is found for the first time of an entry is returned. */
    public synchronized List<Imbalance> look(CpuCounts counts) {
        forEach(counts, Entry::look);
        return news();
    }

    /** The same when nothing is attached any longer: every difference is an imbalance. */
    public synchronized List<Imbalance> atRest(CpuCounts counts) {
        forEach(counts, Entry::atRest);
        return news();
    }

    private interface Look {
        void at(Entry entry, HookCounts now);
    }

    private void forEach(CpuCounts counts, Look look) {
        counts.entries().forEach((hook, cpus) -> {
            for (int cpu = 0; cpu < cpus.size(); cpu++) {
                look.at(entries.computeIfAbsent(new Place(hook, cpu), _ -> new Entry()), cpus.get(cpu));
            }
        });
    }

    private List<Imbalance> news() {
        List<Imbalance> news = new ArrayList<>();
        entries.forEach((place, entry) -> {
            if (entry.imbalance != 0 && !entry.told) {
                entry.told = true;
                news.add(new Imbalance(place.hook(), place.cpu(), entry.last, entry.imbalance));
            }
        });
        return news;
    }

    /** Every entry whose sum fails. */
    public synchronized Collection<Imbalance> imbalances() {
        List<Imbalance> all = new ArrayList<>();
        entries.forEach((place, entry) -> {
            if (entry.imbalance != 0) {
                all.add(new Imbalance(place.hook(), place.cpu(), entry.last, entry.imbalance));
            }
        });
        return all;
    }

    /** By how many events the sum fails in all entries together: 0, or a defect. */
    public synchronized long imbalance() {
        return entries.values().stream()
                .mapToLong(entry -> Math.abs(entry.imbalance))
                .sum();
    }
}
