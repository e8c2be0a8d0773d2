package org.svos.telemetry.gateway.forward;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Reading;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.admission.SetClock;
import org.svos.telemetry.gateway.deadletter.DeadLetters;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.tracing.Tracing;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/** A lane on a real store, with admission before it and a scripted Lantern Rock behind it. */
final class LaneFixture implements AutoCloseable {

    static final Duration PROBE = Duration.ofMinutes(1);
    static final Duration RETRY_MAX = Duration.ofSeconds(30);
    private static final Quota PLENTY = new Quota(1L << 40, 1_000_000, 1_000_000, Quota.Mode.ENFORCE);

    final SetClock clock = new SetClock(Instant.parse("2026-11-22T09:31:00Z"));
    final Rooms rooms;
    final Map<Long, Database> databases = new ConcurrentHashMap<>();
    final ScriptedLanternRock lanternRock = new ScriptedLanternRock();
    /** What a delivery comes to without anybody being asked. */
    volatile Receipt.@Nullable Retry leftInPeace;

    /** Of what is shared from now on. */
    Capacity capacity = new Capacity(4, 4, 8 << 20, System::nanoTime);

    Duration step = Duration.ofMinutes(1);

    Tenure tenure = Tenure.ALL;

    final Forwarding shared;
    private int number;

    LaneFixture(Path data) {
        this(clock -> new Rooms(data, clock));
    }

    /** The same on a store of whatever kind. */
    LaneFixture(Function<InstantSource, Rooms> open) {
        rooms = open.apply(clock);
        shared = sharedWith(lanternRock);
    }

    /** What the lanes share, with another Lantern Rock. */
    Forwarding sharedWith(LanternRock other) {
        return new Forwarding(
                databases::get,
                rooms.store,
                rooms.spool,
                rooms.ledger,
                new Streams(rooms.store),
                new DeadLetters(rooms.store, rooms.ledger, rooms.meters),
                new Shaper(new BatchReader(BatchLimits.CONTRACT)),
                other,
                _ -> leftInPeace,
                Tracing.OFF,
                capacity,
                new Backoff(Duration.ofMillis(250), RETRY_MAX, Duration.ofHours(1), bound -> bound - 1),
                PROBE,
                step,
                tenure,
                clock);
    }

    Database register(String name) {
        number++;
        Database database = rooms.register(name, PLENTY, Rooms.sandbox(number));
        databases.put(database.id(), database);
        return database;
    }

    /** The sandbox that came with the database that was registered as the how manyth. */
    SandboxId sandbox() {
        return Rooms.sandbox(number);
    }

    void admit(Database database, String key, String body) {
        admit(database, sandbox(), key, body);
    }

    void admit(Database database, SandboxId sandbox, String key, String body) {
        Outcome outcome = rooms.admission.admit(Rooms.batch(database, sandbox, key, body, summary(body)));
        if (!(outcome instanceof Outcome.Accepted)) {
            throw new AssertionError(outcome);
        }
    }

    private static BatchSummary summary(String body) {
        try {
            var bytes = new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
            Reading reading = new BatchReader(BatchLimits.CONTRACT).read(bytes, null);
            if (reading instanceof Reading.Read read) {
                return read.summary();
            }
            throw new AssertionError(reading);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A batch of messages. */
    static String messages(long firstSeq, int count) {
        var events = new ArrayList<String>();
        for (long seq = firstSeq; seq < firstSeq + count; seq++) {
            events.add(message(seq));
        }
        return batch(events.toArray(String[]::new));
    }

    static String batch(String... events) {
        return "{\"host\":{\"id\":\"h1\",\"bootId\":\"b1\"},\"events\":[" + String.join(",", events) + "]}";
    }

    /** A batch of messages with a payload of so many characters each. */
    static String messages(long firstSeq, int count, int payload) {
        String filling = "x".repeat(payload);
        var events = new ArrayList<String>();
        for (long seq = firstSeq; seq < firstSeq + count; seq++) {
            events.add(event(seq, "message", "\"name\":\"m\",\"payload\":{\"t\":\"" + filling + "\"}"));
        }
        return batch(events.toArray(String[]::new));
    }

    static String message(long seq) {
        return event(seq, "message", "\"name\":\"m\",\"payload\":{\"n\":" + seq + "}");
    }

    static String event(long seq, String kind, String members) {
        return "{\"seq\":%d,\"kind\":\"%s\",\"time\":\"2026-11-22T09:31:%02d.5Z\"%s}"
                .formatted(seq, kind, seq % 60, members.isEmpty() ? "" : "," + members);
    }

    /** Steps until nothing waits; a wait lets the clock go on. */
    void carryAll(Lane lane) throws InterruptedException {
        while (true) {
            switch (lane.step()) {
                case Step.Again _ -> {}
                case Step.Idle _ -> {
                    return;
                }
                case Step.Wait(Duration duration) -> clock.advance(duration);
            }
        }
    }

    /** Seqs of the dead letters of a database, and their reasons. */
    List<String> deadLetters(Database database) {
        return rooms.store.read(tx -> {
            var of = tx.statement(
                    "select seq, reason, status, events from dead_letter where database_id = ? order by id");
            of.setLong(1, database.id());
            var letters = new ArrayList<String>();
            try (ResultSet row = of.executeQuery()) {
                while (row.next()) {
                    letters.add(row.getLong(1) + " " + row.getString(2) + " " + row.getInt(3) + " " + row.getInt(4));
                }
            }
            return letters;
        });
    }

    /** What was refused of the one dead letter of a database. */
    byte[] letter(Database database) {
        return rooms.store.read(tx -> {
            var of = tx.statement("select delivery from dead_letter where database_id = ?");
            of.setLong(1, database.id());
            try (ResultSet row = of.executeQuery()) {
                row.next();
                return row.getBytes(1);
            }
        });
    }

    @Override
    public void close() {
        rooms.close();
    }
}
