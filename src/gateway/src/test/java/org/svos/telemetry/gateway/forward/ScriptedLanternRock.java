package org.svos.telemetry.gateway.forward;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.DeliveryJson;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;

/** A Lantern Rock that answers by a script, and then well; and honours idempotency keys, as a real one must. */
final class ScriptedLanternRock implements LanternRock {

    /** What to do with one delivery. */
    enum Act {
        KEEP,
        /** Keep, and let the answer get lost. */
        KEEP_SILENTLY,
        /** Keep, and let the asker break off before it can note the answer. */
        KEEP_AND_CRASH,
        CRASH,
        RETRY,
        PARK,
        REFUSE
    }

    /** Keeps a lane from going on, as a crash would. */
    static final class Crash extends RuntimeException {}

    final Deque<Act> script = new ArrayDeque<>();
    final Set<Long> poison = new HashSet<>();
    final List<Delivery> asked = new ArrayList<>();
    final List<Delivery> kept = new ArrayList<>();
    private final Map<String, String> bodies = new HashMap<>();
    private final Set<String> keys = new HashSet<>();

    @Override
    public synchronized Receipt deliver(Delivery delivery) {
        asked.add(delivery);
        String body = new String(DeliveryJson.write(delivery), StandardCharsets.UTF_8);
        String before = bodies.putIfAbsent(delivery.database() + "/" + delivery.idempotencyKey(), body);
        if (before != null && !before.equals(body)) {
            throw new AssertionError("another body under key " + delivery.idempotencyKey());
        }
        Act act = script.isEmpty() ? Act.KEEP : script.removeFirst();
        return switch (act) {
            case KEEP -> keep(delivery);
            case KEEP_SILENTLY -> {
                keep(delivery);
                yield new Receipt.Retry("the answer got lost", null);
            }
            case KEEP_AND_CRASH -> {
                keep(delivery);
                throw new Crash();
            }
            case CRASH -> throw new Crash();
            case RETRY -> new Receipt.Retry("status 503", null);
            case PARK -> new Receipt.Parked(403, "no");
            case REFUSE -> isKnown(delivery) ? new Receipt.Delivered() : new Receipt.Refused(422, "bad");
        };
    }

    private boolean isKnown(Delivery delivery) {
        return keys.contains(delivery.database() + "/" + delivery.idempotencyKey());
    }

    private Receipt keep(Delivery delivery) {
        if (isKnown(delivery)) {
            return new Receipt.Delivered();
        }
        for (TelemetryRecord record : delivery.records()) {
            if (poison.contains(record.segments().seq())) {
                return new Receipt.Refused(422, "seq " + record.segments().seq() + " is bad");
            }
        }
        keys.add(delivery.database() + "/" + delivery.idempotencyKey());
        kept.add(delivery);
        return new Receipt.Delivered();
    }

    synchronized List<TelemetryRecord> records() {
        return kept.stream().flatMap(delivery -> delivery.records().stream()).toList();
    }

    List<Long> seqs() {
        return records().stream().map(record -> record.segments().seq()).toList();
    }
}
