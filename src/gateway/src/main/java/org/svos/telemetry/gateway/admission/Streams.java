package org.svos.telemetry.gateway.admission;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Finds events that never came, by the sequence numbers that the loader gives within sandbox, host and boot. Of each such
 * stream the lowest and highest number are kept, and how many came; what is missing is
 *
 * <pre>
 * gap = max(0, highest − lowest + 1 − received), at most {@link Hosts#MAX_EVENTS}
 * </pre>
 *
 * whatever the order in which batches come. The ledger is told of every change of it, also when a late batch makes it smaller.
 */
final class Streams {

    private static final String LOAD = """
            select lowest, highest, received from stream_sequence
            where database_id = ? and sandbox = ? and host_id = ? and boot_id = ?""";
    private static final String LOAD_ALL = """
            select wanted.database_id, wanted.sandbox, wanted.host_id, wanted.boot_id, s.lowest, s.highest, s.received
            from unnest(?, ?, ?, ?) as wanted (database_id, sandbox, host_id, boot_id) cross join lateral (
                select lowest, highest, received from stream_sequence
                where database_id = wanted.database_id and sandbox = wanted.sandbox and host_id = wanted.host_id
                    and boot_id = wanted.boot_id limit 1) s""";
    private static final String SAVE = """
            insert into stream_sequence (database_id, sandbox, host_id, boot_id, lowest, highest, received,
                seen_day)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (database_id, sandbox, host_id, boot_id)
            do update set lowest = excluded.lowest, highest = excluded.highest, received = excluded.received,
                seen_day = excluded.seen_day""";

    private static final int REMEMBERED = 10_000;

    private record Stream(long databaseId, String sandbox, String hostId, String bootId) {}

    private record Seen(long lowest, long highest, long received) {

        static final Seen NOTHING = new Seen(Long.MAX_VALUE, Long.MIN_VALUE, 0);

        Seen with(Seen other) {
            return new Seen(
                    Math.min(lowest, other.lowest), Math.max(highest, other.highest), received + other.received);
        }

        long gap() {
            return received == 0 ? 0 : Math.clamp(highest - lowest + 1 - received, 0, Hosts.MAX_EVENTS);
        }
    }

    private final Store store;

    Streams(Store store) {
        this.store = store;
    }

    /** Streams as they are stored, of those that were heard of last; known to the writer alone. None of a shared store. */
    private final Map<Stream, Seen> stored = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Stream, Seen> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** What a group's accepted batches show of their streams. */
    static final class Shown {

        private final Map<Stream, Seen> streams = new LinkedHashMap<>();
        private final Map<Long, String> names = new HashMap<>();

        void see(Batch batch) {
            BatchSummary summary = batch.summary();
            Host host = summary.host();
            if (host == null || host.id() == null || host.bootId() == null || summary.sequenced() == 0) {
                return;
            }
            Stream stream = new Stream(
                    batch.database().id(),
                    batch.sandbox().value(),
                    Hosts.clipped(host.id()),
                    Hosts.clipped(host.bootId()));
            names.put(stream.databaseId(), batch.database().name());
            streams.merge(stream, new Seen(summary.firstSeq(), summary.lastSeq(), summary.sequenced()), Seen::with);
        }
    }

    /** Writes what was shown, once for each stream. */
    void write(Deciding deciding, Ledger ledger, Shown shown) throws SQLException {
        Changes changes = deciding.changes();
        Map<Stream, Seen> there = store.isShared() && !shown.streams.isEmpty()
                ? deciding.read(tx -> loadAll(tx, shown.streams.keySet()))
                : stored;
        for (Map.Entry<Stream, Seen> entry : shown.streams.entrySet()) {
            Stream stream = entry.getKey();
            Seen before = before(deciding, there, stream);
            Seen after = before.with(entry.getValue());
            changes.set(
                    4,
                    SAVE,
                    stream.databaseId(),
                    stream.sandbox(),
                    stream.hostId(),
                    stream.bootId(),
                    after.lowest(),
                    after.highest(),
                    after.received(),
                    Forgetting.day(changes.now()));
            if (!store.isShared()) {
                changes.afterCommit(() -> stored.put(stream, after));
            }
            long grown = after.gap() - before.gap();
            if (grown != 0) {
                String database = shown.names.getOrDefault(stream.databaseId(), "");
                ledger.add(changes, stream.databaseId(), database, Account.SEQUENCE_GAP, Ledger.NO_REASON, grown, 0);
            }
        }
    }

    private Seen before(Deciding deciding, Map<Stream, Seen> there, Stream stream) {
        Seen known = there.get(stream);
        if (known != null) {
            return known;
        }
        return store.isShared() ? Seen.NOTHING : deciding.read(tx -> load(tx, stream));
    }

    private static Map<Stream, Seen> loadAll(Tx tx, Collection<Stream> streams) throws SQLException {
        PreparedStatement load = tx.statement(LOAD_ALL);
        load.setArray(1, tx.numbers(streams.stream().map(Stream::databaseId).toList()));
        load.setArray(2, tx.texts(streams.stream().map(Stream::sandbox).toList()));
        load.setArray(3, tx.texts(streams.stream().map(Stream::hostId).toList()));
        load.setArray(4, tx.texts(streams.stream().map(Stream::bootId).toList()));
        Map<Stream, Seen> there = new HashMap<>();
        try (ResultSet row = load.executeQuery()) {
            while (row.next()) {
                there.put(
                        new Stream(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)),
                        new Seen(row.getLong(5), row.getLong(6), row.getLong(7)));
            }
        }
        return there;
    }

    private static Seen load(Tx tx, Stream stream) throws SQLException {
        PreparedStatement load = tx.statement(LOAD);
        load.setLong(1, stream.databaseId());
        load.setString(2, stream.sandbox());
        load.setString(3, stream.hostId());
        load.setString(4, stream.bootId());
        try (ResultSet row = load.executeQuery()) {
            return row.next() ? new Seen(row.getLong(1), row.getLong(2), row.getLong(3)) : Seen.NOTHING;
        }
    }
}
