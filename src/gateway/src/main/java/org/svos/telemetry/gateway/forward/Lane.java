package org.svos.telemetry.gateway.forward;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.deadletter.DeadLetters;
import org.svos.telemetry.gateway.deadletter.Replay;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.LaneCursor;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.DeliveryJson;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * One database's way to Lantern Rock, in the order of admission, one delivery at a time.
 *
 * <p>A step delivers some batches from the head of the spool and writes what has come of them in one transaction. All that a
 * step knows comes from the store, so a crash is no different from an ordinary end: the next step sends the same deliveries
 * under the same keys.
 *
 * <p>A batch goes out whole. When it is refused it is cut in the middle, and its parts go out one by one, each under a key of its
 * own, and are cut again when they are refused, until a refused part has one record: that one is a dead letter. Where another
 * application begins within a batch, it is cut as well, before anything of it is sent.
 *
 * <p>A lane of a suspended database goes on: what was accepted is owed.
 */
final class Lane {

    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    private static final int BATCHES_A_STEP = 64;
    private static final long BODY_BYTES_A_STEP = 256 * 1024;
    /** Then a step ends after the delivery it is at: with a slow Lantern Rock, too, a stop and the ledger wait for one only. */
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Step AGAIN = new Step.Again();
    private static final Step IDLE = new Step.Idle();

    private final long databaseId;
    private final Forwarding shared;

    /** The batch at the head while it goes out in parts, so that it is not read again for each. */
    private Shape.@Nullable Shaped inParts;

    private int failures;
    /** For others to read; written by the lane's own thread. */
    private volatile LaneStatus status = LaneStatus.OPEN;

    Lane(long databaseId, Forwarding shared) {
        this.databaseId = databaseId;
        this.shared = shared;
    }

    Step step() throws InterruptedException {
        Database database = shared.databases().apply(databaseId);
        if (database == null) {
            return IDLE;
        }
        try (var _ = shared.capacity().turn()) {
            Step replayed = replay(database);
            if (replayed instanceof Step.Wait) {
                return replayed;
            }
            long passed = shared.spool().cursor(databaseId).passed();
            List<SpooledBatch> batches =
                    shared.spool().next(databaseId, passed, inParts == null ? BATCHES_A_STEP : 1, BODY_BYTES_A_STEP);
            if (batches.isEmpty()) {
                if (replayed instanceof Step.Idle) {
                    // What it failed with is gone, discarded perhaps: nothing is tried again, and nothing is wrong.
                    failures = 0;
                    status = LaneStatus.OPEN;
                }
                return replayed;
            }
            Head head = head(batches.getFirst().position());
            // Asked after the batches were read: to read them can put one into quarantine, and move the cursor.
            return head.cursor().passed() == passed ? carry(database, head, batches) : AGAIN;
        }
    }

    /** Delivers the oldest dead letter that is to be delivered again, one in each step. Idle if there is none. */
    private Step replay(Database database) throws InterruptedException {
        Replay replay = shared.deadLetters().next(databaseId);
        if (replay == null) {
            return IDLE;
        }
        Delivery delivery;
        try {
            delivery = DeliveryJson.read(database.name(), replay.key(), replay.delivery());
        } catch (RuntimeException e) {
            // It is a defect, but one that must not hold up the lane.
            log.error("Dead letter {} of database {} cannot be read", replay.id(), database.name(), e);
            shared.deadLetters().refused(replay, new DeadLetters.Refusal(null, "It cannot be read: " + e.getMessage()));
            return AGAIN;
        }
        return switch (shared.lanternRock().deliver(delivery)) {
            case Receipt.Delivered _ -> {
                recovered(database);
                shared.deadLetters().delivered(replay);
                yield AGAIN;
            }
            case Receipt.Refused refused -> {
                recovered(database);
                shared.deadLetters().refused(replay, new DeadLetters.Refusal(refused.status(), refused.answer()));
                yield AGAIN;
            }
            case Receipt.Retry retry -> retry(database, retry);
            case Receipt.Parked answer -> park(database, answer);
        };
    }

    /** Where the lane is, and how the batch after that is cut. */
    private record Head(LaneCursor cursor, SortedSet<Integer> cuts) {}

    private Head head(long position) {
        return shared.store()
                .read(tx -> new Head(shared.spool().cursor(tx, databaseId), Cuts.of(tx, databaseId, position)));
    }

    private Step carry(Database database, Head head, List<SpooledBatch> batches) throws InterruptedException {
        var settlement = new Settlement(shared, databaseId, head.cursor());
        long began = System.nanoTime();
        try {
            int from = head.cursor().settled();
            SortedSet<Integer> cuts = head.cuts();
            for (SpooledBatch batch : batches) {
                Step step;
                try (var _ = shared.capacity().memory(batch.bytes())) {
                    step = carry(database, settlement, batch, from, cuts);
                }
                if (step != null) {
                    return step;
                }
                if (System.nanoTime() - began >= STEP_NANOS) {
                    return AGAIN;
                }
                from = 0;
                cuts = Collections.emptySortedSet();
            }
            return AGAIN;
        } finally {
            // Whatever ended the step, what was delivered before that is settled.
            if (!settlement.commit()) {
                log.warn("What waited for the database of key {} was discarded while it was delivered", databaseId);
            }
        }
    }

    /** Carries a batch, or the next part of it. Null if the one after it may follow in the same step. */
    private @Nullable Step carry(
            Database database, Settlement settlement, SpooledBatch batch, int from, SortedSet<Integer> cuts)
            throws InterruptedException {
        Shape.Shaped known = inParts;
        inParts = null;
        Shape shape = known != null && known.batch().position() == batch.position()
                ? known
                : shared.shaper().shape(batch, settlement::stream);
        return switch (shape) {
            case Shape.Unreadable unreadable -> {
                log.error(
                        "A batch of sandbox {} for database {} cannot be read: {}; its events are dead letters",
                        batch.sandbox(),
                        database.name(),
                        unreadable.detail());
                settlement.unreadable(unreadable);
                yield null;
            }
            case Shape.Shaped readable
            when isExpired(database, batch) -> {
                settlement.expired(readable);
                yield null;
            }
            case Shape.Shaped readable
            when from == 0 && cuts.isEmpty() && readable.runs().size() > 1 -> {
                settlement.cut(
                        batch,
                        readable.runs().stream().skip(1).map(Shape.Run::from).toList());
                yield stay(readable);
            }
            case Shape.Shaped readable -> deliver(database, settlement, readable, from, cuts);
        };
    }

    private @Nullable Step deliver(
            Database database, Settlement settlement, Shape.Shaped shape, int from, SortedSet<Integer> cuts)
            throws InterruptedException {
        SortedSet<Integer> ahead = cuts.tailSet(from + 1);
        int to = ahead.isEmpty() ? shape.size() : ahead.getFirst();
        Receipt receipt = shared.lanternRock().deliver(shape.part(database.name(), from, to));
        return switch (receipt) {
            case Receipt.Delivered _ -> {
                recovered(database);
                settlement.delivered(shape, from, to);
                yield to < shape.size() ? stay(shape) : null;
            }
            case Receipt.Refused refused -> refuse(database, settlement, shape, from, to, refused);
            case Receipt.Retry retry -> retry(database, retry);
            case Receipt.Parked answer -> park(database, answer);
        };
    }

    private @Nullable Step refuse(
            Database database, Settlement settlement, Shape.Shaped shape, int from, int to, Receipt.Refused refused) {
        recovered(database);
        if (to - from == shape.size()) {
            log.warn(
                    "Lantern Rock refuses a batch of {} events of database {} with status {}; the records at fault become"
                            + " dead letters. The answer: {}",
                    shape.size(),
                    database.name(),
                    refused.status(),
                    refused.answer());
        }
        if (to - from > 1) {
            settlement.cut(shape.batch(), List.of((from + to) >>> 1));
            return stay(shape);
        }
        settlement.refused(database.name(), shape, from, refused);
        return to < shape.size() ? stay(shape) : null;
    }

    private Step stay(Shape.Shaped shape) {
        inParts = shape;
        return AGAIN;
    }

    private boolean isExpired(Database database, SpooledBatch batch) {
        return database.retention() != null
                && batch.admittedAt()
                        .plus(database.retention())
                        .isBefore(shared.clock().instant());
    }

    private Step retry(Database database, Receipt.Retry retry) {
        if (failures == 0) {
            log.warn("What is for database {} has to wait: {}", database.name(), retry.why());
        }
        return failed(
                LaneStatus.State.RETRYING, null, retry.why(), shared.backoff().wait(failures, retry.after()));
    }

    private Step park(Database database, Receipt.Parked answer) {
        if (status.state() != LaneStatus.State.PARKED) {
            log.error(
                    "The lane of database {} is parked: Lantern Rock answers {}. Mend its address, its token or the"
                            + " database there; it is tried again every {}. The answer: {}",
                    database.name(),
                    answer.status(),
                    shared.probe(),
                    answer.answer());
        }
        return failed(
                LaneStatus.State.PARKED,
                answer.status(),
                answer.answer(),
                shared.backoff().wait(0, shared.probe()));
    }

    /** A step ended by a fault of the gateway's own. */
    Step broken(Throwable fault) {
        inParts = null;
        if (failures == 0) {
            log.error("The lane of the database of key {} broke off and is tried again", databaseId, fault);
        }
        return failed(
                LaneStatus.State.RETRYING,
                null,
                "a fault of the gateway's own; its log says more",
                shared.backoff().wait(failures, null));
    }

    private Step failed(LaneStatus.State state, @Nullable Integer answered, @Nullable String why, Duration wait) {
        failures++;
        Instant now = shared.clock().instant();
        boolean isNew = status.state() != state;
        status = new LaneStatus(
                state, isNew ? now : status.since(), isNew ? 1 : status.attempts() + 1, answered, why, now.plus(wait));
        return new Step.Wait(wait);
    }

    /** How it goes; for any thread. */
    LaneStatus status() {
        return status;
    }

    private void recovered(Database database) {
        if (failures > 0) {
            log.info("Lantern Rock takes what is for database {} again, after {} attempts", database.name(), failures);
        }
        failures = 0;
        status = LaneStatus.OPEN;
    }
}
