package org.svos.telemetry.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.admission.Admission;
import org.svos.telemetry.gateway.admission.AdmissionSettings;
import org.svos.telemetry.gateway.admission.Batch;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.LedgerMeters;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Arrivals;
import org.svos.telemetry.gateway.spool.Encoding;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.spool.SpoolGauges;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.ServerSettings;
import org.svos.telemetry.gateway.store.ServerStore;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/** A gateway's rooms from admission to the lanes, on a database of its own; half of all batches are for the first, hot database. */
final class BacklogSite implements AutoCloseable {

    private static final int EVENTS = 100;
    private static final int BODY_BYTES = 6_000;
    private static final int CLIENTS = 64;
    private static final int LANES = 16;
    private static final int GROUP = 256;
    private static final int SANDBOXES_EACH = 10;
    private static final int LOOKS = 200;
    private static final int BATCHES_AHEAD = 64;
    private static final int BYTES_AHEAD = 1 << 20;
    private static final int ROWS = 500;
    private static final Quota QUOTA = new Quota(Quota.MAX, 1_000_000_000, 1_000_000_000, Quota.Mode.ENFORCE);
    private static final String REMOVE = """
            delete from spool where position in (
                select position from spool where database_id = ? and last <= ? order by last limit ?)""";

    private final Backlog.Sweeping sweeping;
    private final Store store;
    private final Quotas quotas;
    private final Ledger ledger;
    private final Spool spool;
    private final Admission admission;
    private final Arrivals arrivals;
    private final List<Database> databases = new ArrayList<>();
    private final AtomicLong keys = new AtomicLong();
    private final Set<Long> unswept = ConcurrentHashMap.newKeySet();
    private final byte[] body = new byte[BODY_BYTES];

    BacklogSite(String url, int count, Backlog.Sweeping sweeping) {
        this.sweeping = sweeping;
        store = ServerStore.open(
                new ServerSettings(url, "postgres", "", "", 24, Duration.ofSeconds(10), Duration.ofSeconds(60)), null);
        var meters = new SimpleMeterRegistry();
        quotas = new Quotas(store);
        ledger = new Ledger(store, new LedgerMeters(meters, 10));
        spool = new Spool(store, ledger, new SpoolGauges(meters, store));
        admission = new Admission(
                store,
                quotas,
                spool,
                ledger,
                (_, _) -> true,
                meters,
                new AdmissionSettings(
                        1_024,
                        DataSize.ofMegabytes(64),
                        GROUP,
                        Duration.ofSeconds(30),
                        DataSize.ofMegabytes(1),
                        Duration.ofDays(7)));
        arrivals = new Arrivals(store);
        new Random(1).nextBytes(body);
        register(count);
        if (sweeping == Backlog.Sweeping.DELETE) {
            for (int slot = 0; slot < 8; slot++) {
                String cleaned = "alter table spool_" + slot + " reset (autovacuum_enabled, toast.autovacuum_enabled)";
                store.write(tx -> tx.connection().createStatement().execute(cleaned));
            }
        }
    }

    private void register(int count) {
        store.write(tx -> {
            run(tx, """
                    insert into registered_database (id, name, owner, description, state, bytes_per_day, events_per_second, burst,
                        quota_mode, revision, created_at, changed_at)
                    select n, 'db' || n, '', '', 'active', 1, 1, 1, 'enforce', 1, 0, 0 from generate_series(1, %d) n""".formatted(count));
            run(tx, """
                    insert into sandbox (sandbox_id, database_id, state, created_at, changed_at)
                    select '00000000-1111-2222-3333-' || lpad(n::text, 12, '0'), 1 + (n - 1) / %d, 'active', 0, 0
                    from generate_series(1, %d) n""".formatted(SANDBOXES_EACH, SANDBOXES_EACH * count));
            run(tx, "analyze registered_database, sandbox");
            return null;
        });
        for (int id = 1; id <= count; id++) {
            databases.add(new Database(
                    id, "db" + id, "", "", Database.State.ACTIVE, QUOTA, null, 1, Instant.EPOCH, Instant.EPOCH));
        }
    }

    private static void run(Tx tx, String sql) throws SQLException {
        try (var statement = tx.connection().createStatement()) {
            statement.execute(sql);
        }
    }

    private Database next(Random random) {
        return random.nextBoolean() ? databases.getFirst() : databases.get(random.nextInt(databases.size()));
    }

    private static SandboxId sandbox(Database database, Random random) {
        long number = (database.id() - 1) * SANDBOXES_EACH + 1 + random.nextInt(SANDBOXES_EACH);
        return new SandboxId("00000000-1111-2222-3333-%012d".formatted(number));
    }

    /** Batches a second that are admitted for so long, and the p99 of their answers in milliseconds. */
    double[] admit(int seconds) throws InterruptedException, ExecutionException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        List<Future<long[]>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                int seed = i;
                clients.add(threads.submit(() -> admitUntil(end, new Random(seed))));
            }
        }
        long[] all = new long[0];
        for (Future<long[]> client : clients) {
            int before = all.length;
            long[] some = client.get();
            all = Arrays.copyOf(all, before + some.length);
            System.arraycopy(some, 0, all, before, some.length);
        }
        Arrays.sort(all);
        return new double[] {(double) all.length / seconds, all[(int) (all.length * 0.99)] / 1e6};
    }

    private long[] admitUntil(long end, Random random) {
        List<Long> took = new ArrayList<>();
        for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
            Database database = next(random);
            long key = keys.incrementAndGet();
            var summary =
                    new BatchSummary(null, null, null, EVENTS, 1, EVENTS, EVENTS, List.of(), PayloadLimits.CONTRACT);
            Outcome outcome = admission.admit(new Batch(
                    sandbox(database, random),
                    database,
                    "k" + key,
                    ByteBuffer.allocate(32).putLong(key).array(),
                    Encoding.IDENTITY,
                    body,
                    body.length,
                    summary,
                    null));
            if (!(outcome instanceof Outcome.Accepted)) {
                throw new IllegalStateException("not accepted: " + outcome);
            }
            took.add(System.nanoTime() - began);
        }
        return took.stream().mapToLong(Long::longValue).toArray();
    }

    /** Appends that many events past admission. */
    void append(int events) {
        Random random = new Random(2);
        int left = events / EVENTS;
        while (left > 0) {
            List<SpooledBatch> group = new ArrayList<>();
            Set<Long> ids = new HashSet<>();
            for (int i = 0; i < Math.min(GROUP, left); i++) {
                Database database = next(random);
                ids.add(database.id());
                group.add(new SpooledBatch(
                        0,
                        database.id(),
                        sandbox(database, random),
                        "f" + keys.incrementAndGet(),
                        Instant.ofEpochMilli(store.now()),
                        EVENTS,
                        body.length,
                        PayloadLimits.CONTRACT,
                        Encoding.IDENTITY,
                        body));
            }
            store.decide(ids, deciding -> {
                spool.append(deciding, group);
                for (SpooledBatch batch : group) {
                    for (Account account : List.of(Account.RECEIVED, Account.ACCEPTED)) {
                        ledger.add(
                                deciding.changes(),
                                batch.databaseId(),
                                "db" + batch.databaseId(),
                                account,
                                Ledger.NO_REASON,
                                EVENTS,
                                body.length);
                    }
                }
                return null;
            });
            left -= group.size();
            if (sweeping == Backlog.Sweeping.RING) {
                turn();
            }
        }
    }

    private void turn() {
        while (spool.sweep(ROWS)) {
            // As upkeep does.
        }
    }

    /** Delivers everything, with so many lanes at once and upkeep beside them; how many events those were. */
    long drain() throws InterruptedException, ExecutionException {
        AtomicLong next = new AtomicLong();
        AtomicLong delivered = new AtomicLong();
        Thread upkeep = Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    while (sweep()) {
                        Thread.sleep(5);
                    }
                    Thread.sleep(1_000);
                }
            } catch (InterruptedException e) {
                // The end.
            }
        });
        List<Future<?>> lanes = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(LANES)) {
            for (int i = 0; i < LANES; i++) {
                lanes.add(threads.submit(() -> {
                    for (int index = (int) next.getAndIncrement();
                            index < databases.size();
                            index = (int) next.getAndIncrement()) {
                        delivered.addAndGet(drain(databases.get(index).id()));
                    }
                }));
            }
        }
        for (Future<?> lane : lanes) {
            lane.get();
        }
        upkeep.interrupt();
        upkeep.join();
        return delivered.get();
    }

    private long drain(long databaseId) {
        long all = 0;
        while (true) {
            long passed = spool.cursor(databaseId).passed();
            List<SpooledBatch> batches = spool.next(databaseId, passed, BATCHES_AHEAD, BYTES_AHEAD);
            if (batches.isEmpty()) {
                return all;
            }
            long events = batches.stream().mapToLong(SpooledBatch::events).sum();
            long bytes = batches.stream().mapToLong(SpooledBatch::bytes).sum();
            store.writeUnsynced(tx -> {
                spool.pass(tx, databaseId, batches.getLast().position());
                ledger.add(tx, databaseId, Account.DELIVERED, Ledger.NO_REASON, events, bytes);
                return null;
            });
            unswept.add(databaseId);
            all += events;
        }
    }

    private boolean sweep() {
        return switch (sweeping) {
            case RING -> spool.sweep(ROWS);
            case DELETE -> delete();
        };
    }

    /** What the version before did. */
    private boolean delete() {
        for (var each = unswept.iterator(); each.hasNext(); ) {
            long databaseId = each.next();
            int removed = store.writeUnsynced(tx -> {
                PreparedStatement remove = tx.statement(REMOVE);
                remove.setLong(1, databaseId);
                remove.setLong(2, spool.cursor(tx, databaseId).passed());
                remove.setInt(3, ROWS);
                return remove.executeUpdate();
            });
            if (removed < ROWS) {
                each.remove();
            }
            if (removed > 0) {
                return true;
            }
        }
        return false;
    }

    /** Until nothing is left, the slot that is appended to included. */
    void sweepAll() {
        if (sweeping == Backlog.Sweeping.RING) {
            store.write(tx -> tx.statement("update spool_ring set since = 0").executeUpdate());
        }
        while (sweep()) {
            // As upkeep does.
        }
    }

    long spoolBytes() {
        return store.read(tx -> {
            try (ResultSet row = tx.statement("select sum(pg_total_relation_size(inhrelid)) from pg_inherits"
                            + " where inhparent = 'spool'::regclass")
                    .executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    double nextMillis(boolean hot) {
        Random random = new Random(3);
        return millis(() -> {
            long id = hot
                    ? 1
                    : databases.get(1 + random.nextInt(databases.size() - 1)).id();
            spool.next(id, spool.cursor(id).passed(), BATCHES_AHEAD, BYTES_AHEAD);
        });
    }

    double gaugesMillis() {
        return millis(spool::refreshGauges);
    }

    double arrivalsMillis() {
        arrivals.databases(); // From here on.
        arrivals.databases();
        return millis(arrivals::databases);
    }

    double quotasMillis() {
        List<Long> ids = databases.stream().map(Database::id).toList();
        return millis(() -> quotas.states(ids));
    }

    double checkMillis() {
        return millis(ledger::all);
    }

    /** How long it takes, in the middle of many times or of as many as fit in some seconds. */
    private static double millis(Runnable work) {
        List<Long> took = new ArrayList<>();
        long end = System.nanoTime() + 5_000_000_000L;
        for (int i = 0; i < LOOKS && System.nanoTime() < end; i++) {
            long began = System.nanoTime();
            work.run();
            took.add(System.nanoTime() - began);
        }
        took.sort(null);
        return took.get(took.size() / 2) / 1e6;
    }

    /** That nothing was lost, or delivered twice. */
    void check() {
        var totals = ledger.all();
        if (totals.imbalance() != 0 || totals.waiting() != 0 || totals.delivered() != totals.accepted()) {
            throw new IllegalStateException("the ledger does not add up: " + totals);
        }
    }

    @Override
    public void close() {
        admission.close();
        store.close();
    }
}
