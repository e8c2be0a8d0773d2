package org.svos.telemetry.gateway.forward;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Some batches from the head of a lane, carried whole and side by side where their order allows it, and what of them can be
 * settled: all up to the first that has no outcome. What was delivered behind that one is remembered, and not sent again while
 * the lane lives; after a crash it is, under the same key.
 */
final class Round {

    private static final Logger log = LoggerFactory.getLogger(Round.class);

    private final Forwarding shared;
    private final Database database;
    private final Settlement settlement;
    private final NavigableMap<Long, Ahead> ahead;
    private final Senders senders;
    /** Streams as the batches before have left them, settled or not. */
    private final Map<Stream.Key, Stream> walked = new HashMap<>();

    private final List<Item> items = new ArrayList<>();
    private final Capacity.Memory memory;

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
        this.memory = shared.capacity().memory();
        this.senders = new Senders(shared, share, database.name(), until);
    }

    /**
     * A batch that was delivered while one before it has no outcome yet.
     *
     * @param part what it takes to settle it, where Lantern Rock has it in part; null: it has all of it
     */
    record Ahead(
            long position,
            int events,
            long bytes,
            Stream.Key stream,
            Stream after,
            @Nullable Part part) {}

    /** A batch of which Lantern Rock has a part. */
    record Part(Shape.Shaped shape, Receipt.KeptInPart receipt) {}

    /** What is done with a batch. */
    private sealed interface Item {

        record Behind(Ahead ahead) implements Item {}

        record Unreadable(Shape.Unreadable shape) implements Item {}

        record Expired(Shape.Shaped shape) implements Item {}

        record Sent(Senders.Sent sent) implements Item {}

        /** It is to go out in parts. */
        record ToCut(Shape.Shaped shape) implements Item {}
    }

    /**
     * Carries what it can of them, waits for the answers, and settles.
     *
     * @param batches from the head of the lane on
     */
    void carry(List<SpooledBatch> batches) throws InterruptedException {
        try {
            try {
                for (SpooledBatch batch : batches) {
                    if (!add(batch)) {
                        break;
                    }
                }
            } finally {
                senders.end();
            }
        } finally {
            memory.close();
            settle();
        }
    }

    /** Whether the one after it may come, too. */
    private boolean add(SpooledBatch batch) throws InterruptedException {
        Ahead known = ahead.get(batch.position());
        if (known != null) {
            walked.put(known.stream(), known.after());
            items.add(new Item.Behind(known));
            return true;
        }
        if ((!items.isEmpty() && (!senders.goOn() || Shaper.isLarge(batch))) || !takeMemory(batch)) {
            return false;
        }
        Item item = item(batch, shared.shaper().shape(batch, this::stream));
        items.add(item);
        return !(item instanceof Item.ToCut);
    }

    private boolean takeMemory(SpooledBatch batch) throws InterruptedException {
        long bytes = Shaper.memory(batch.bytes());
        if (!memory.isNone()) {
            return memory.tryToTake(bytes);
        }
        memory.take(bytes);
        return true;
    }

    private Item item(SpooledBatch batch, Shape shape) {
        return switch (shape) {
            case Shape.Unreadable unreadable -> {
                log.atError()
                        .addKeyValue("batch", batch.key())
                        .log(
                                "A batch of sandbox {} for database {} cannot be read: {}; its events are dead letters",
                                batch.sandbox(),
                                database.name(),
                                unreadable.detail());
                yield new Item.Unreadable(unreadable);
            }
            case Shape.Shaped shaped
            when shared.isExpired(database, batch) -> {
                walked.put(shaped.stream(), shaped.after());
                yield new Item.Expired(shaped);
            }
            case Shape.Shaped shaped when !shaped.wholeCuts().isEmpty() -> new Item.ToCut(shaped);
            case Shape.Shaped shaped -> {
                walked.put(shaped.stream(), shaped.after());
                yield new Item.Sent(senders.send(shaped));
            }
        };
    }

    private Stream stream(Stream.Key key) {
        Stream left = walked.get(key);
        return left == null ? settlement.stream(key) : left;
    }

    private void settle() {
        int i = 0;
        while (i < items.size() && pass(items.get(i))) {
            i++;
        }
        for (; i < items.size(); i++) {
            if (items.get(i) instanceof Item.Sent(Senders.Sent sent) && isTaken(sent)) {
                Shape.Shaped shape = sent.shape();
                SpooledBatch batch = shape.batch();
                ahead.put(
                        batch.position(),
                        new Ahead(
                                batch.position(),
                                batch.events(),
                                batch.bytes(),
                                shape.stream(),
                                shape.after(),
                                sent.receipt() instanceof Receipt.KeptInPart part ? new Part(shape, part) : null));
            }
        }
    }

    private boolean pass(Item item) {
        return switch (item) {
            case Item.Behind(Ahead delivered) -> {
                settlement.delivered(database.name(), delivered);
                yield true;
            }
            case Item.Unreadable(Shape.Unreadable shape) -> {
                settlement.unreadable(shape);
                yield true;
            }
            case Item.Expired(Shape.Shaped shape) -> {
                settlement.expired(shape);
                yield true;
            }
            case Item.Sent(Senders.Sent sent) -> {
                int size = sent.shape().size();
                if (sent.receipt() instanceof Receipt.KeptInPart part) {
                    settlement.keptInPart(database.name(), sent.shape(), 0, size, part);
                } else if (isTaken(sent)) {
                    settlement.delivered(sent.shape(), 0, size);
                }
                yield isTaken(sent);
            }
            case Item.ToCut _ -> false;
        };
    }

    /** Whether it must not be sent again. */
    private static boolean isTaken(Senders.Sent sent) {
        return sent.receipt() instanceof Receipt.Delivered || sent.receipt() instanceof Receipt.KeptInPart;
    }

    /** Whether Lantern Rock took or refused any of them: then it is there. */
    boolean wasAnswered() {
        return items.stream()
                .anyMatch(item -> item instanceof Item.Sent(Senders.Sent sent)
                        && (isTaken(sent) || sent.receipt() instanceof Receipt.Refused));
    }

    /** An answer after which all of the lane has to wait, or null. */
    @Nullable
    Receipt halt() {
        for (Item item : items) {
            if (item instanceof Item.Sent(Senders.Sent sent)
                    && (sent.receipt() instanceof Receipt.Retry || sent.receipt() instanceof Receipt.Parked)) {
                return sent.receipt();
            }
        }
        return null;
    }

    /** Throws what a delivery threw. */
    void rethrow() {
        for (Item item : items) {
            if (item instanceof Item.Sent(Senders.Sent sent)) {
                switch (sent.fault()) {
                    case null -> {}
                    case RuntimeException fault -> throw fault;
                    case Error fault -> throw fault;
                    case Throwable fault -> throw new IllegalStateException(fault);
                }
            }
        }
    }

    /** A batch that holds up those behind it, and the refusal that it met; without one it is to be cut before it is sent. */
    record Stuck(Shape.Shaped shape, Receipt.@Nullable Refused refused) {}

    /** What the lane has to take in hand itself: the first that has no outcome, if it can have none as a whole. */
    @Nullable
    Stuck stuck() {
        for (Item item : items) {
            switch (item) {
                case Item.Behind _, Item.Unreadable _, Item.Expired _ -> {}
                case Item.ToCut(Shape.Shaped shape) -> {
                    return new Stuck(shape, null);
                }
                case Item.Sent(Senders.Sent sent) -> {
                    switch (sent.receipt()) {
                        case Receipt.Delivered _, Receipt.KeptInPart _ -> {}
                        case Receipt.Refused refused -> {
                            return new Stuck(sent.shape(), refused);
                        }
                        case Receipt.Retry _, Receipt.Parked _ -> {
                            return null;
                        }
                        case null -> {
                            return null;
                        }
                    }
                }
            }
        }
        return null;
    }
}
