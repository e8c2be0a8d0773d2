package org.svos.telemetry.gateway.admission;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.LedgerMeters;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Bodies;
import org.svos.telemetry.gateway.spool.Encoding;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.spool.SpoolGauges;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Disk;
import org.svos.telemetry.gateway.store.FileStore;
import org.svos.telemetry.gateway.store.Store;

/** Admission on a real store in a folder, with all that it writes to, and batches to bring. */
public final class Rooms implements AutoCloseable {

    public static final AdmissionSettings SETTINGS = new AdmissionSettings(
            1_024, DataSize.ofMegabytes(64), 256, Duration.ofSeconds(10), DataSize.ofMegabytes(1), Duration.ofDays(7));

    public static final Quota QUOTA = new Quota(1_000_000, 1_000, 10_000, Quota.Mode.ENFORCE);

    /** Small, so that tests come to the end of one. */
    public static final long SEGMENT_BYTES = 1 << 20;

    private final Set<SandboxId> removed = ConcurrentHashMap.newKeySet();

    public final MeterRegistry meters = new SimpleMeterRegistry();
    public final Store store;
    public final Bodies bodies;
    public final Quotas quotas;
    public final Ledger ledger;
    public final Spool spool;
    public final Admission admission;

    public Rooms(Path data, InstantSource clock, AdmissionSettings settings) {
        this(data, clock, settings, Disk.REAL);
    }

    public Rooms(Path data, InstantSource clock, AdmissionSettings settings, Disk disk) {
        this(FileStore.open(data, clock, SEGMENT_BYTES, disk), settings);
    }

    /** The same on a store of whatever kind, which is closed with them. */
    public Rooms(Store store, AdmissionSettings settings) {
        this(store, Bodies.of(store), settings);
    }

    /** The same with the spool's bodies somewhere, which is closed with them, too. */
    public Rooms(Store store, Bodies bodies, AdmissionSettings settings) {
        this.store = store;
        this.bodies = bodies;
        quotas = new Quotas(store);
        ledger = new Ledger(store, new LedgerMeters(meters, 10));
        spool = new Spool(store, bodies, ledger, new SpoolGauges(meters, store));
        admission = new Admission(store, quotas, spool, ledger, this::isRegistered, meters, settings);
    }

    public Rooms(Path data, InstantSource clock) {
        this(data, clock, SETTINGS);
    }

    public Rooms(Path data) {
        this(data, InstantSource.system());
    }

    /** Registers a database with a sandbox, or finds it. */
    public Database register(String name, Quota quota, SandboxId sandbox) {
        return store.write(tx -> {
            PreparedStatement database = tx.statement("""
                    insert into registered_database (name, owner, description, state, bytes_per_day, events_per_second,
                        burst, quota_mode, revision, created_at, changed_at)
                    values (?, '', '', 'active', ?, ?, ?, 'enforce', 1, 0, 0)
                    on conflict (name) do update set revision = registered_database.revision
                    returning id""");
            database.setString(1, name);
            database.setLong(2, quota.bytesPerDay());
            database.setLong(3, quota.eventsPerSecond());
            database.setLong(4, quota.burst());
            long id;
            try (ResultSet row = database.executeQuery()) {
                row.next();
                id = row.getLong(1);
            }
            PreparedStatement add = tx.statement("""
                    insert into sandbox (sandbox_id, database_id, state, created_at, changed_at)
                    values (?, ?, 'active', 0, 0) on conflict (sandbox_id) do nothing""");
            add.setString(1, sandbox.value());
            add.setLong(2, id);
            add.executeUpdate();
            return database(id, name, quota);
        });
    }

    private boolean isRegistered(SandboxId sandbox, long databaseId) {
        return !removed.contains(sandbox);
    }

    /** As when a sandbox is removed between the edge and the decision. */
    public void remove(SandboxId sandbox) {
        store.decide(List.of(), _ -> removed.add(sandbox));
    }

    /** Appends batches to the spool, past admission, and counts them as accepted. */
    public void append(List<SpooledBatch> batches) {
        Set<Long> databaseIds = new HashSet<>();
        batches.forEach(batch -> databaseIds.add(batch.databaseId()));
        store.decide(databaseIds, deciding -> {
            spool.append(deciding, batches);
            for (SpooledBatch batch : batches) {
                for (Account account : List.of(Account.RECEIVED, Account.ACCEPTED)) {
                    ledger.add(
                            deciding.changes(),
                            batch.databaseId(),
                            "db" + batch.databaseId(),
                            account,
                            Ledger.NO_REASON,
                            batch.events(),
                            batch.bytes());
                }
            }
            return null;
        });
    }

    public static Database database(long id, String name, Quota quota) {
        return new Database(id, name, "", "", Database.State.ACTIVE, quota, null, 1, Instant.EPOCH, Instant.EPOCH);
    }

    public static SandboxId sandbox(int number) {
        return new SandboxId("00000000-1111-2222-3333-%012d".formatted(number));
    }

    public static Batch batch(Database database, SandboxId sandbox, String key, String body, int events) {
        return batch(
                database,
                sandbox,
                key,
                body,
                new BatchSummary(null, null, null, events, 1, events, events, List.of(), PayloadLimits.CONTRACT));
    }

    public static Batch batch(Database database, SandboxId sandbox, String key, String body, BatchSummary summary) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new Batch(sandbox, database, key, hash(bytes), Encoding.IDENTITY, bytes, bytes.length, summary, null);
    }

    public static BatchSummary summary(
            @Nullable Host host, @Nullable HostLoss lost, long firstSeq, int valid, List<Rejection> rejected) {
        int all = valid + rejected.size();
        return new BatchSummary(
                host, null, lost, valid, firstSeq, firstSeq + all - 1, all, rejected, PayloadLimits.CONTRACT);
    }

    private static byte[] hash(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        admission.close();
        bodies.close();
        store.close();
    }
}
