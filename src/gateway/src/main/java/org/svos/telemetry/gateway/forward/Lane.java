package org.svos.telemetry.gateway.forward;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedSet;
import java.util.TreeMap;
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
 * One database's way to Lantern Rock, in the order of admission for each sandbox and host.
 *
 * <p>A step delivers some batches from the head of the spool and writes what has come of them in one transaction. All that a
 * step needs comes from the store, so a crash is no different from an ordinary end: the next step sends the same deliveries
 * under the same keys.
 *
 * <p>A batch goes out whole, in a {@link Round} with others. When it is refused it is cut in the middle, and once it is at the
 * head its parts go out one by one, each under a key of its own, and are cut again when they are refused, until a refused part has
 * one record: that one is a dead letter. A batch is cut before anything of it is sent where another application begins in it, and
 * when it is large. Where only a part of a delivery was taken, and nobody says which, it is settled as it is: as many
 * events are dead as were rejected, in one letter with the whole delivery.
 *
 * <p>A lane of a suspended database goes on: what was accepted is owed.
 */
final class Lane {

    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    private static final int BATCHES_A_STEP = 64;
    private static final long BODY_BYTES_A_STEP = 512 * 1024;

    /** The rates of a small and of a large database. */
    private static final long LEAST_WEIGHT = 100;

    private static final long MOST_WEIGHT = 10_000;

    /** While Lantern Rock is left in peace what a lane failed with still waits, unless its owner has discarded it: it looks now and then. */
    private static final int ATTEMPTS_A_LOOK = 8;

    private static final String OWN_FAULT = "a fault of the gateway's own; its log says more";

    private static final Step AGAIN = new Step.Again();
    private static final Step IDLE = new Step.Idle();

    private final long databaseId;
    private final Forwarding shared;
    private final Capacity.Share share = new Capacity.Share();

    /** What was delivered behind the head, by position. */
    private final NavigableMap<Long, Round.Ahead> ahead = new TreeMap<>();

    /** Whether the batch at the head goes out in parts, as far as is known: then no other is read beside it. */
    private boolean isInParts;

    private int failures;

    /** Whether the log says that it has to wait. It does not of those that were not refused, but leave Lantern Rock in peace. */
    private boolean isTold;

    /** For others to read; written by the step's thread. */
    private volatile LaneStatus status = LaneStatus.OPEN;

    Lane(long databaseId, Forwarding shared) {
        this.databaseId = databaseId;
        this.shared = shared;
    }

    /** Asks for a turn for the next step. */
    void turn(Capacity.Beginning beginning) {
        shared.capacity().turn(share, weight(shared.databases().apply(databaseId)), beginning);
    }

    /** One step; for one thread at a time, which has a turn. */
    Step step() throws InterruptedException {
        Database database = shared.databases().apply(databaseId);
        if (database == null) {
            return IDLE;
        }
        Receipt.Retry leftInPeace = leftInPeace(database);
        if (leftInPeace != null
                && status.state() == LaneStatus.State.RETRYING
                && status.attempts() % ATTEMPTS_A_LOOK != 0) {
            return failed(leftInPeace);
        }
        Step replayed = replay(database);
        return replayed instanceof Step.Wait ? replayed : carry(database, replayed, leftInPeace);
    }

    /** Carries what is at the head of the spool; if nothing is, what has come of a replay stands. */
    private Step carry(Database database, Step replayed, Receipt.@Nullable Retry leftInPeace)
            throws InterruptedException {
        long passed = shared.spool().cursor(databaseId).passed();
        if (leftInPeace != null && shared.spool().hasAfter(databaseId, passed)) {
            return failed(leftInPeace);
        }
        try (Capacity.Memory memory = shared.capacity().memory()) {
            var room = new Reservation(memory);
            List<SpooledBatch> batches = read(passed, room);
            while (room.isShort()) {
                room.await();
                batches = read(passed, room);
            }
            if (!batches.isEmpty()) {
                Head head = head(batches.getFirst().position());
                // Asked after the batches were read: to read them can put one into quarantine, and move the cursor.
                return head.cursor().passed() == passed ? carry(database, head, batches) : AGAIN;
            }
            if (room.wasAsked()) {
                return AGAIN; // What there was is in quarantine now.
            }
            if (replayed instanceof Step.Idle) {
                // What it failed with is gone, discarded perhaps: nothing is tried again, and nothing is wrong.
                failures = 0;
                isTold = false;
                status = LaneStatus.OPEN;
            }
            return replayed;
        }
    }

    /** Asked before anything is read. Not where batches expire, which takes reading them, nor where the lane's own way is broken. */
    private Receipt.@Nullable Retry leftInPeace(Database database) {
        boolean isAsked = database.retention() == null && status.state() != LaneStatus.State.PARKED;
        return isAsked ? shared.leftInPeace().apply(database.name()) : null;
    }

    private List<SpooledBatch> read(long passed, Reservation room) {
        return shared.spool().next(databaseId, passed, isInParts ? 1 : BATCHES_A_STEP, BODY_BYTES_A_STEP, room);
    }

    /** By what its quota lets in, so that lanes empty as they fill; within bounds, so that a small one is never starved. */
    private static double weight(@Nullable Database database) {
        return database == null ? LEAST_WEIGHT : Math.clamp(database.eventsPerSecond(), LEAST_WEIGHT, MOST_WEIGHT);
    }

    /** Delivers the oldest dead letter that is to be delivered again, one in each step. Idle if there is none. */
    private Step replay(Database database) throws InterruptedException {
        if (!shared.deadLetters().mayHaveReplay(databaseId)) {
            return IDLE;
        }
        try (Capacity.Memory memory = shared.capacity().memory()) {
            memory.take(Shaper.letterMemory());
            Replay replay = shared.deadLetters().next(databaseId);
            return replay == null ? IDLE : replay(database, replay);
        }
    }

    private Step replay(Database database, Replay replay) throws InterruptedException {
        Delivery delivery;
        try {
            delivery = DeliveryJson.read(database.name(), replay.key(), replay.delivery());
        } catch (RuntimeException e) {
            // It is a defect, but one that must not hold up the lane.
            log.error("Dead letter {} of database {} cannot be read", replay.id(), database.name(), e);
            shared.deadLetters().refused(replay, new DeadLetters.Refusal(null, "It cannot be read: " + e.getMessage()));
            return AGAIN;
        }
        return switch (send(null, delivery)) {
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
            case Receipt.KeptInPart part -> {
                recovered(database);
                var refusal = new DeadLetters.Refusal(part.status(), part.answer());
                shared.deadLetters().keptInPart(replay, part.rejected(), refusal);
                yield AGAIN;
            }
            case Receipt.Retry retry -> retry(database, retry);
            case Receipt.Parked answer -> park(database, answer);
        };
    }

    /** Where the lane is, and how the batch after that is cut. */
    private record Head(LaneCursor cursor, SortedSet<Integer> cuts) {

        boolean isInParts() {
            return cursor.settled() > 0 || !cuts.isEmpty();
        }
    }

    private Head head(long position) {
        return shared.store()
                .read(tx -> new Head(shared.spool().cursor(tx, databaseId), Cuts.of(tx, databaseId, position)));
    }

    private Step carry(Database database, Head head, List<SpooledBatch> batches) throws InterruptedException {
        ahead.headMap(head.cursor().passed(), true).clear();
        long until = System.nanoTime() + shared.step().toNanos();
        isInParts = head.isInParts();
        if (isInParts) {
            return carryParts(database, head, batches.getFirst(), until);
        }
        var settlement = new Settlement(shared, databaseId, head.cursor());
        try {
            return carryWhole(database, settlement, batches, until);
        } finally {
            commit(settlement);
        }
    }

    /** Whatever ended the step, what was delivered before that is settled. */
    private void commit(Settlement settlement) {
        if (!settlement.commit()) {
            ahead.clear();
            log.warn(
                    "What waited for the database of key {} was discarded, or taken over by another gateway, while it was delivered",
                    databaseId);
        }
    }

    private Step carryWhole(Database database, Settlement settlement, List<SpooledBatch> batches, long until)
            throws InterruptedException {
        var round = new Round(shared, share, database, settlement, ahead, until);
        round.carry(batches);
        if (round.wasAnswered()) {
            recovered(database);
        }
        round.rethrow();
        Round.Stuck stuck = round.stuck();
        if (stuck != null && stuck.refused() != null) {
            refuse(database, settlement, stuck.shape(), 0, stuck.shape().size(), stuck.refused());
        } else if (stuck != null) {
            settlement.cut(stuck.shape().batch(), stuck.shape().wholeCuts());
            isInParts = true;
        }
        return switch (round.halt()) {
            case Receipt.Retry retry -> retry(database, retry);
            case Receipt.Parked answer -> park(database, answer);
            case Receipt.Delivered _, Receipt.Refused _, Receipt.KeptInPart _ -> AGAIN;
            case null -> AGAIN;
        };
    }

    /** Carries parts of the batch at the head, which was cut, as long as they are taken and the step lasts. */
    private Step carryParts(Database database, Head first, SpooledBatch batch, long until) throws InterruptedException {
        Head head = first;
        Shape.Shaped shape = null;
        while (true) {
            int from = head.cursor().settled();
            SortedSet<Integer> after = head.cuts().tailSet(from + 1);
            int to = after.isEmpty() ? batch.events() : after.getFirst();
            var settlement = new Settlement(shared, databaseId, head.cursor());
            Step step;
            try {
                // Of a batch that is not large all parts are there, and it need not be read again for each.
                shape = shape != null && shape.has(from, to) ? shape : shape(database, settlement, batch, from, to);
                step = shape == null ? AGAIN : carryPart(database, settlement, shape, from, to);
            } finally {
                commit(settlement);
            }
            head = head(batch.position());
            isInParts = head.cursor().passed() < batch.position();
            boolean goesOn =
                    isInParts && head.cursor().passed() == first.cursor().passed();
            if (!goesOn || !step.equals(AGAIN) || System.nanoTime() - until >= 0) {
                return step;
            }
        }
    }

    /** The batch with those records, or null if it cannot be read any more: then it is settled as that. */
    private Shape.@Nullable Shaped shape(
            Database database, Settlement settlement, SpooledBatch batch, int from, int to) {
        boolean isLarge = Shaper.isLarge(batch);
        return switch (shared.shaper()
                .shape(batch, isLarge ? from : 0, isLarge ? to : batch.events(), settlement::stream)) {
            case Shape.Unreadable unreadable -> {
                log.error(
                        "The rest of a batch for database {} cannot be read any more: {}", database.name(), unreadable);
                settlement.unreadable(unreadable);
                yield null;
            }
            case Shape.Shaped shape -> shape;
        };
    }

    private Step carryPart(Database database, Settlement settlement, Shape.Shaped shape, int from, int to)
            throws InterruptedException {
        if (shared.isExpired(database, shape.batch())) {
            settlement.expired(shape);
            return AGAIN;
        }
        Receipt receipt = send(shape.batch(), shape.part(database.name(), from, to));
        return switch (receipt) {
            case Receipt.Delivered _ -> {
                recovered(database);
                settlement.delivered(shape, from, to);
                yield AGAIN;
            }
            case Receipt.Refused refused -> {
                recovered(database);
                refuse(database, settlement, shape, from, to, refused);
                yield AGAIN;
            }
            case Receipt.KeptInPart part -> {
                recovered(database);
                settlement.keptInPart(database.name(), shape, from, to, part);
                yield AGAIN;
            }
            case Receipt.Retry retry -> retry(database, retry);
            case Receipt.Parked answer -> park(database, answer);
        };
    }

    private Receipt send(@Nullable SpooledBatch batch, Delivery delivery) throws InterruptedException {
        try (var _ = shared.capacity().delivery(share)) {
            return shared.deliver(batch, delivery);
        }
    }

    private void refuse(
            Database database, Settlement settlement, Shape.Shaped shape, int from, int to, Receipt.Refused refused) {
        if (to - from == shape.size()) {
            log.atWarn()
                    .addKeyValue("batch", shape.batch().key())
                    .log(
                            "Lantern Rock refuses a batch of {} events of database {} with status {}; the records at fault"
                                    + " become dead letters. The answer: {}",
                            shape.size(),
                            database.name(),
                            refused.status(),
                            refused.answer());
        }
        if (to - from > 1) {
            settlement.cut(shape.batch(), List.of((from + to) >>> 1));
            isInParts = true;
        } else {
            settlement.refused(database.name(), shape, from, refused);
        }
    }

    private Step retry(Database database, Receipt.Retry retry) {
        if (!isTold) {
            log.warn("What is for database {} has to wait: {}", database.name(), retry.why());
            isTold = true;
        }
        return failed(retry);
    }

    private Step failed(Receipt.Retry retry) {
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
            isTold = true;
        }
        return failed(
                LaneStatus.State.PARKED,
                answer.status(),
                answer.answer(),
                shared.backoff().wait(0, shared.probe()));
    }

    /** A step ended by a fault of the gateway's own. */
    Step broken(Throwable fault) {
        if (!OWN_FAULT.equals(status.why())) {
            log.error("The lane of the database of key {} broke off and is tried again", databaseId, fault);
            isTold = true;
        }
        return failed(
                LaneStatus.State.RETRYING, null, OWN_FAULT, shared.backoff().wait(failures, null));
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
        if (isTold) {
            log.info("Lantern Rock takes what is for database {} again, after {} attempts", database.name(), failures);
        }
        failures = 0;
        isTold = false;
        status = LaneStatus.OPEN;
    }
}
