package org.svos.telemetry.acceptance;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts by name, of what was seen in a run. */
final class Tally {

    private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();

    void add(String name, long count) {
        counts.computeIfAbsent(name, fresh -> new LongAdder()).add(count);
    }

    void one(String name) {
        add(name, 1);
    }

    long of(String name) {
        LongAdder count = counts.get(name);
        return count == null ? 0 : count.sum();
    }

    /** All of them whose names begin so, by the rest of the name. */
    Map<String, Long> under(String prefix) {
        var under = new TreeMap<String, Long>();
        counts.forEach((name, count) -> {
            if (name.startsWith(prefix)) {
                under.put(name.substring(prefix.length()), count.sum());
            }
        });
        return under;
    }
}
