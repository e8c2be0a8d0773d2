package org.svos.telemetry.gateway.admission;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Keeps what hosts tell of themselves: who they are, and what they lost. A host counts its losses from its boot on and tells them
 * with every batch, so the highest of each is what it lost; hearing it twice changes nothing, and it is taken from refused
 * batches too.
 */
final class Hosts {

    /** Characters of a host's text that are kept; identifiers of hosts are shorter. */
    private static final int MAX_CHARS = 128;

    /** More than a host can lose, and little enough that the sum of what many made-up hosts told is still a number. */
    static final long MAX_EVENTS = 1_000_000_000_000L;

    private static final int REMEMBERED_BOOTS = 10_000;
    private static final List<String> REASONS =
            List.of("ringFull", "probeFault", "recursion", "throttled", "spoolEvicted");

    private static final String SAVE = """
            insert into host (id, name, boot_id, kernel, loader_version, last_batch_at) values (?, ?, ?, ?, ?, ?)
            on conflict (id) do update set name = coalesce(excluded.name, host.name),
                boot_id = coalesce(excluded.boot_id, host.boot_id), kernel = coalesce(excluded.kernel, host.kernel),
                loader_version = coalesce(excluded.loader_version, host.loader_version),
                last_batch_at = excluded.last_batch_at""";
    private static final String LOAD_LOST = "select reason, events from host_lost where host_id = ? and boot_id = ?";
    private static final String LOAD_ALL_LOST = """
            select wanted.host_id, wanted.boot_id, l.reason, l.events
            from unnest(?, ?) as wanted (host_id, boot_id) cross join lateral (
                select reason, events from host_lost
                where host_id = wanted.host_id and boot_id = wanted.boot_id offset 0) l""";
    private static final String SAVE_LOST = """
            insert into host_lost (host_id, boot_id, reason, events, seen_day) values (?, ?, ?, ?, ?)
            on conflict (host_id, boot_id, reason)
            do update set seen_day = excluded.seen_day,
                events = case when excluded.events > host_lost.events then excluded.events else host_lost.events end""";

    private record Boot(String hostId, String bootId) implements Comparable<Boot> {

        @Override
        public int compareTo(Boot other) {
            int byHost = hostId.compareTo(other.hostId);
            return byHost != 0 ? byHost : bootId.compareTo(other.bootId);
        }
    }

    private final Store store;
    private final Counter[] lost;
    /** Losses as they are stored, of the boots heard of last; known to the writer alone. None of a shared store. */
    private final Map<Boot, long[]> stored = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Boot, long[]> eldest) {
            return size() > REMEMBERED_BOOTS;
        }
    };

    Hosts(Store store, MeterRegistry meters) {
        this.store = store;
        lost = REASONS.stream()
                .map(reason -> Counter.builder("telemetry.host.lost.events")
                        .description("Events that hosts lost before they could be sent, by their own account")
                        .tag("reason", reason)
                        .register(meters))
                .toArray(Counter[]::new);
    }

    /** What a group's batches tell of hosts. */
    static final class Told {
        /** In the order of their names, as their rows are locked: of two processes none then waits for the other in a circle. */
        private final Map<String, Host> hosts = new TreeMap<>();

        private final Map<Boot, long[]> losses = new TreeMap<>();

        void hear(BatchSummary summary) {
            Host host = summary.host();
            if (host == null || host.id() == null) {
                return;
            }
            String id = clipped(host.id());
            hosts.merge(id, host, Told::completed);
            HostLoss loss = summary.lost();
            if (loss != null) {
                String bootId = host.bootId();
                losses.merge(new Boot(id, bootId == null ? "" : clipped(bootId)), counts(loss), Told::higher);
            }
        }

        /** What the later one says, and for what it leaves out the earlier one, as the table does with those before. */
        private static Host completed(Host earlier, Host later) {
            return new Host(
                    later.id(),
                    later.name() == null ? earlier.name() : later.name(),
                    later.bootId() == null ? earlier.bootId() : later.bootId(),
                    later.kernel() == null ? earlier.kernel() : later.kernel(),
                    later.loaderVersion() == null ? earlier.loaderVersion() : later.loaderVersion());
        }

        private static long[] counts(HostLoss loss) {
            long[] counts = {loss.ringFull(), loss.probeFault(), loss.recursion(), loss.throttled(), loss.spoolEvicted()
            };
            Arrays.setAll(counts, i -> Math.min(counts[i], MAX_EVENTS));
            return counts;
        }

        private static long[] higher(long[] one, long[] other) {
            long[] higher = new long[one.length];
            Arrays.setAll(higher, i -> Math.max(one[i], other[i]));
            return higher;
        }
    }

    /** Writes what was told, once for each host. */
    void write(Deciding deciding, Told told) {
        Changes changes = deciding.changes();
        for (Map.Entry<String, Host> entry : told.hosts.entrySet()) {
            Host host = entry.getValue();
            changes.change(
                    SAVE,
                    entry.getKey(),
                    clippedOrNull(host.name()),
                    clippedOrNull(host.bootId()),
                    clippedOrNull(host.kernel()),
                    clippedOrNull(host.loaderVersion()),
                    changes.now());
        }
        Map<Boot, long[]> there = store.isShared() && !told.losses.isEmpty()
                ? deciding.read(tx -> loadAll(tx, told.losses.keySet()))
                : stored;
        for (Map.Entry<Boot, long[]> entry : told.losses.entrySet()) {
            writeLost(deciding, there, entry.getKey(), entry.getValue());
        }
    }

    private void writeLost(Deciding deciding, Map<Boot, long[]> there, Boot boot, long[] counts) {
        Changes changes = deciding.changes();
        long[] before = there.get(boot);
        if (before == null) {
            before = deciding.read(tx -> load(tx, boot));
            there.put(boot, before);
        }
        long[] after = Told.higher(before, counts);
        long[] grown = new long[after.length];
        boolean any = false;
        for (int i = 0; i < after.length; i++) {
            grown[i] = after[i] - before[i];
            if (grown[i] > 0) {
                any = true;
                changes.set(
                        3,
                        SAVE_LOST,
                        boot.hostId(),
                        boot.bootId(),
                        REASONS.get(i),
                        after[i],
                        Forgetting.day(changes.now()));
            }
        }
        if (any) {
            changes.afterCommit(() -> {
                there.put(boot, after);
                for (int i = 0; i < grown.length; i++) {
                    lost[i].increment((double) grown[i]);
                }
            });
        }
    }

    private static Map<Boot, long[]> loadAll(Tx tx, Collection<Boot> boots) throws SQLException {
        Map<Boot, long[]> there = new HashMap<>();
        boots.forEach(boot -> there.put(boot, new long[REASONS.size()]));
        PreparedStatement load = tx.statement(LOAD_ALL_LOST);
        load.setArray(1, tx.texts(boots.stream().map(Boot::hostId).toList()));
        load.setArray(2, tx.texts(boots.stream().map(Boot::bootId).toList()));
        try (ResultSet row = load.executeQuery()) {
            while (row.next()) {
                long[] counts = there.get(new Boot(row.getString(1), row.getString(2)));
                int reason = REASONS.indexOf(row.getString(3));
                if (counts != null && reason >= 0) {
                    counts[reason] = row.getLong(4);
                }
            }
        }
        return there;
    }

    private static long[] load(Tx tx, Boot boot) throws SQLException {
        long[] counts = new long[REASONS.size()];
        PreparedStatement load = tx.statement(LOAD_LOST);
        load.setString(1, boot.hostId());
        load.setString(2, boot.bootId());
        try (ResultSet row = load.executeQuery()) {
            while (row.next()) {
                int reason = REASONS.indexOf(row.getString(1));
                if (reason >= 0) {
                    counts[reason] = row.getLong(2);
                }
            }
        }
        return counts;
    }

    /** What is kept of a host's text. NUL goes, as not every engine stores it. */
    static String clipped(String text) {
        String clean = text.indexOf('\0') < 0 ? text : text.replace("\0", "");
        return clean.length() <= MAX_CHARS ? clean : clean.substring(0, MAX_CHARS);
    }

    private static @Nullable String clippedOrNull(@Nullable String text) {
        return text == null ? null : clipped(text);
    }
}
