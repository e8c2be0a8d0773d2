package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Waiting;

/** The clients of one database: what they try, what each try must be answered, and what they were admitted altogether. */
final class QuotaClients {

    private static final int LARGEST = 64;
    private static final int REMEMBERED = 256;

    /** What a batch of some size uses. */
    enum Shape {
        BYTES,
        EVENTS,
        /** Four bytes to the event. */
        BOTH;

        private int bytes(int size) {
            return switch (this) {
                case BYTES -> size;
                case EVENTS -> 1;
                case BOTH -> 4 * size;
            };
        }

        private int events(int size) {
            return switch (this) {
                case BYTES -> 1;
                case EVENTS, BOTH -> size;
            };
        }
    }

    private final Database database;
    private final SandboxId sandbox;
    private final Shape shape;
    private final AtomicLong keys = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicReferenceArray<@Nullable Batch> admitted = new AtomicReferenceArray<>(REMEMBERED);
    private volatile boolean refused;

    QuotaClients(Database database, int sandbox, Shape shape) {
        this.database = database;
        this.sandbox = Rooms.sandbox(sandbox);
        this.shape = shape;
    }

    /** Decompressed bytes that were admitted. */
    long bytes() {
        return bytes.get();
    }

    /** Events that were admitted. */
    long events() {
        return events.get();
    }

    /** Whether any batch has met a quota that was used up. */
    boolean refused() {
        return refused;
    }

    /** Brings one batch: most often a new one, sometimes one that costs nothing. */
    void attempt(Admission admission) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Batch before = admitted.get(random.nextInt(REMEMBERED));
        int kind = random.nextInt(100);
        if (kind < 10 && before != null) {
            repeat(admission, before);
        } else if (kind < 15 && before != null) {
            reuse(admission, before);
        } else if (kind < 17) {
            exceed(admission);
        } else {
            bring(admission, random.nextInt(1, LARGEST + 1));
        }
    }

    /** Uses up what is left: ever smaller batches, until one of the smallest size is refused. */
    void fill(Admission admission) {
        for (int size = 4_096; size > 0; ) {
            if (!bring(admission, size)) {
                size /= 2;
            }
        }
    }

    private Batch fresh(String body, int eventsOfIt) {
        return Rooms.batch(database, sandbox, "k" + keys.incrementAndGet(), body, eventsOfIt);
    }

    private boolean bring(Admission admission, int size) {
        Batch batch = fresh("x".repeat(shape.bytes(size)), shape.events(size));
        return switch (admission.admit(batch)) {
            case Outcome.Accepted accepted -> {
                assertThat(accepted.accepted()).isEqualTo(batch.summary().valid());
                bytes.addAndGet(batch.bytes());
                events.addAndGet(accepted.accepted());
                admitted.set(ThreadLocalRandom.current().nextInt(REMEMBERED), batch);
                yield true;
            }
            case Outcome.OverQuota over -> {
                refused = true;
                rejected.addAndGet(batch.summary().events());
                yield false;
            }
            case Outcome other -> throw new AssertionError("a new batch was answered " + other);
        };
    }

    private void repeat(Admission admission, Batch before) {
        switch (admission.admit(before)) {
            case Outcome.Replayed replayed -> {
                assertThat(replayed.accepted()).isEqualTo(before.summary().valid());
                duplicates.addAndGet(before.summary().events());
            }
            case Outcome.KeyInUse another -> {}
            case Outcome other -> throw new AssertionError("a repeated batch was answered " + other);
        }
    }

    private void reuse(Admission admission, Batch before) {
        Batch reusing = Rooms.batch(database, sandbox, before.key(), "another body", 1);
        switch (admission.admit(reusing)) {
            case Outcome.KeyReused reused -> rejected.incrementAndGet();
            case Outcome.KeyInUse another -> {}
            case Outcome other -> throw new AssertionError("a reused key was answered " + other);
        }
    }

    /** A batch of one more byte or event than an empty quota holds, whatever its body really is. */
    private void exceed(Admission admission) {
        Batch small =
                fresh("x", shape == Shape.BYTES ? 1 : (int) database.quota().burst() + 1);
        Batch large = new Batch(
                small.sandbox(),
                small.database(),
                small.key(),
                small.bodyHash(),
                small.encoding(),
                small.body(),
                shape == Shape.BYTES ? database.quota().bytesPerDay() + 1 : 1,
                small.summary(),
                null);
        assertThat(admission.admit(large)).isInstanceOf(Outcome.ExceedsQuota.class);
        rejected.addAndGet(large.summary().events());
    }

    /** Ledger and spool tell the same as the answers. */
    void check(Rooms rooms) {
        Totals totals = rooms.ledger.of(database.id());
        assertThat(totals.accepted()).isEqualTo(events());
        assertThat(totals.duplicate()).isEqualTo(duplicates.get());
        assertThat(totals.rejected().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(rejected.get());
        assertThat(totals.imbalance()).isZero();
        Waiting waiting = rooms.store.read(tx -> rooms.spool.waiting(tx, database.id()));
        assertThat(waiting).isEqualTo(new Waiting(events(), bytes()));
    }
}
