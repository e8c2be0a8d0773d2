package org.svos.telemetry.gateway.ledger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.svos.telemetry.gateway.store.Tx;

/**
 * The ledger's movements since the start, as counters. The label {@code database} is bounded: the first so many databases that
 * something is counted for have their own, the rest are {@code other}.
 */
public final class LedgerMeters {

    private static final String OTHER = "other";
    private static final String NAME = "select name from registered_database where id = ?";

    private final MeterRegistry registry;
    private final int maxDatabases;
    private final Map<Long, String> labels = new ConcurrentHashMap<>();
    private final Map<Key, Pair> counters = new ConcurrentHashMap<>();
    private final Counter gaps;

    private record Key(String database, Account account, String reason) {}

    private record Pair(Counter events, Counter bytes) {}

    /** Counters in that registry, for so many databases by name. */
    public LedgerMeters(MeterRegistry registry, int maxDatabases) {
        this.registry = registry;
        this.maxDatabases = maxDatabases;
        for (Account account : Account.values()) {
            for (String reason : account.reasons()) {
                counters.computeIfAbsent(new Key(OTHER, account, reason), this::register);
            }
        }
        gaps = Counter.builder("telemetry.sequence.gap.events")
                .description(
                        "Events that never came, by the gaps in their sequence numbers; a gap that is filled later stays")
                .register(registry);
    }

    /** The label of a database, which is its own while there is room for one more. */
    String label(Tx tx, long databaseId) throws SQLException {
        String known = labels.get(databaseId);
        if (known != null) {
            return known;
        }
        if (labels.size() >= maxDatabases) {
            return OTHER;
        }
        PreparedStatement name = tx.statement(NAME);
        name.setLong(1, databaseId);
        try (ResultSet row = name.executeQuery()) {
            if (!row.next()) {
                return OTHER;
            }
            String label = row.getString(1);
            labels.put(databaseId, label);
            return label;
        }
    }

    /** The label of a database of that name. */
    String label(long databaseId, String database) {
        String known = labels.get(databaseId);
        if (known != null) {
            return known;
        }
        if (labels.size() >= maxDatabases) {
            return OTHER;
        }
        labels.put(databaseId, database);
        return database;
    }

    void count(String database, Account account, String reason, long events, long bytes) {
        if (account == Account.SEQUENCE_GAP) {
            gaps.increment((double) Math.max(0, events));
            return;
        }
        Pair pair = counters.computeIfAbsent(new Key(database, account, reason), this::register);
        pair.events().increment((double) Math.max(0, events));
        pair.bytes().increment((double) Math.max(0, bytes));
    }

    private Pair register(Key key) {
        return new Pair(
                Counter.builder("telemetry.events")
                        .description("Events, by what became of them")
                        .tag("outcome", key.account().wireName())
                        .tag("reason", key.reason())
                        .tag("database", key.database())
                        .register(registry),
                Counter.builder("telemetry.bytes")
                        .description("Decompressed bytes of batches, by what became of their events")
                        .tag("outcome", key.account().wireName())
                        .tag("database", key.database())
                        .register(registry));
    }
}
