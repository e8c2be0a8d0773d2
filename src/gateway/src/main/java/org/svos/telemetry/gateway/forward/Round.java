package org.svos.telemetry.gateway.forward;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.forward.Senders.Sent;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Some batches from the head of a lane, carried whole and side by side where their order allows it, and what of them can be
 * settled: all up to the first that has no outcome. What was delivered behind that one is remembered, and not sent again while
 * the lane lives; after a crash it is, under the same key.
 */
final class Round {

    private final Forwarding shared;
    private final Database database;
    private final Settlement settlement;
    private final NavigableMap<Long, Ahead> ahead;
    private final Senders senders;
    private final List<Sent> carried = new ArrayList<>();

    /**
     * A round.
     *
     * @param ahead what earlier rounds delivered ahead, by position
     * @param until when no delivery begins any more but the first one, by {@link System#nanoTime}
     */
    Round(
            Forwarding shared,
            Capacity.Share share,
            Database database,
            Settlement settlement,
            NavigableMap<Long, Ahead> ahead,
            long until) {
        this.shared = shared;
        this.database = database;
        this.settlement = settlement;
        this.ahead = ahead;
        this.senders = new Senders(shared, share, database, settlement::stream, until);
    }

    /**
     * A batch that was delivered while one before it has no outcome yet. Its records are not kept: whoever has to settle a part
     * shapes it again.
     *
     * @param part what Lantern Rock said that has it in part; null: it has all of it
     */
    record Ahead(
            long position, int events, long bytes, Stream.Key stream, Stream after, Receipt.@Nullable KeptInPart part) {

        static Ahead of(Shape.Shaped shape, Receipt.@Nullable KeptInPart part) {
            SpooledBatch batch = shape.batch();
            return new Ahead(batch.position(), batch.events(), batch.bytes(), shape.stream(), shape.after(), part);
        }
    }

    /**
     * Carries what it can of them, waits for the answers, and settles.
     *
     * @param batches from the head of the lane on
     */
    void carry(List<SpooledBatch> batches) throws InterruptedException {
        try {
            for (SpooledBatch batch : batches) {
                if (!carried.isEmpty() && !senders.goOn()) {
                    break;
                }
                carried.add(senders.send(batch, ahead.get(batch.position())));
            }
        } finally {
            try {
                senders.end();
            } finally {
                settle();
            }
        }
    }

    private void settle() {
        int i = 0;
        while (i < carried.size() && pass(carried.get(i))) {
            i++;
        }
        for (; i < carried.size(); i++) {
            switch (carried.get(i).outcome()) {
                case Carried.Taken(Ahead taken) -> ahead.put(taken.position(), taken);
                case Carried.TakenInPart(Shape.Shaped shape, Receipt.KeptInPart part) ->
                    ahead.put(shape.batch().position(), Ahead.of(shape, part));
                case Carried.Refused _, Carried.Halted _, Carried.ToCut _, Carried.NotSent _ -> {}
                case Carried.Unreadable _, Carried.Expired _, Carried.Failed _ -> {}
            }
        }
    }

    /** Settles a batch, if it has an outcome; whether it had. */
    private boolean pass(Sent sent) {
        return switch (sent.outcome()) {
            case Carried.Taken(Ahead taken) when taken.part() != null -> passPart(sent.batch(), taken.part());
            case Carried.Taken(Ahead taken) -> {
                settlement.delivered(taken);
                yield true;
            }
            case Carried.TakenInPart(Shape.Shaped shape, Receipt.KeptInPart part) -> {
                settlement.keptInPart(database.name(), shape, 0, shape.size(), part);
                yield true;
            }
            case Carried.Unreadable(Shape.Unreadable shape) -> {
                settlement.unreadable(shape);
                yield true;
            }
            case Carried.Expired(Shape.Shaped shape) -> {
                settlement.expired(shape);
                yield true;
            }
            case Carried.Refused _, Carried.Halted _, Carried.ToCut _, Carried.Failed _, Carried.NotSent _ -> false;
        };
    }

    private boolean passPart(SpooledBatch batch, Receipt.KeptInPart part) {
        switch (shared.shaper().shape(batch, settlement::stream)) {
            case Shape.Shaped shape -> settlement.keptInPart(database.name(), shape, 0, shape.size(), part);
            case Shape.Unreadable unreadable -> settlement.unreadable(unreadable);
        }
        return true;
    }

    /** Whether Lantern Rock took or refused any of them: then it is there. */
    boolean wasAnswered() {
        return carried.stream().filter(Sent::isNew).anyMatch(sent -> switch (sent.outcome()) {
            case Carried.Taken _, Carried.TakenInPart _, Carried.Refused _ -> true;
            case Carried.Halted _, Carried.ToCut _, Carried.NotSent _ -> false;
            case Carried.Unreadable _, Carried.Expired _, Carried.Failed _ -> false;
        });
    }

    /** An answer after which all of the lane has to wait, or null. */
    @Nullable
    Receipt halt() {
        for (Sent sent : carried) {
            if (sent.outcome() instanceof Carried.Halted(Receipt receipt)) {
                return receipt;
            }
        }
        return null;
    }

    /** Throws what a delivery threw. */
    void rethrow() {
        for (Sent sent : carried) {
            if (sent.outcome() instanceof Carried.Failed(Throwable fault)) {
                switch (fault) {
                    case RuntimeException unchecked -> throw unchecked;
                    case Error error -> throw error;
                    case Throwable checked -> throw new IllegalStateException(checked);
                }
            }
        }
    }

    /** A batch that holds up those behind it, and the refusal that it met; without one it is to be cut before it is sent. */
    record Stuck(Shape.Shaped shape, Receipt.@Nullable Refused refused) {}

    /** What the lane has to take in hand itself: the first that has no outcome, if it can have none as a whole. */
    @Nullable
    Stuck stuck() {
        for (Sent sent : carried) {
            switch (sent.outcome()) {
                case Carried.Taken _, Carried.TakenInPart _, Carried.Unreadable _, Carried.Expired _ -> {}
                case Carried.ToCut(Shape.Shaped shape) -> {
                    return new Stuck(shape, null);
                }
                case Carried.Refused(Shape.Shaped shape, Receipt.Refused refused) -> {
                    return new Stuck(shape, refused);
                }
                case Carried.Halted _, Carried.Failed _, Carried.NotSent _ -> {
                    return null;
                }
            }
        }
        return null;
    }
}
