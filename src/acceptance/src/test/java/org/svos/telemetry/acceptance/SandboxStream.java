package org.svos.telemetry.acceptance;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What one host sends of one sandbox, one batch after another, and what of it has arrived: the oracle of the runs that kill.
 *
 * <p>Batches are kept until {@link #settle}; of those before, the numbers of the ones that arrived.
 */
final class SandboxStream {

    /** Batches that are repeated later on, under the same key. */
    private static final int REPEATABLE = 100;

    private final String database;
    private final String sandbox;
    private final String host;
    private final String boot = UUID.randomUUID().toString();
    private final long seed;
    private final Faults faults;

    private final Map<Integer, SentBatch> batches = new ConcurrentHashMap<>();
    private final List<SentBatch> repeatable = new ArrayList<>();
    private int sent;
    private volatile int told;
    private long nextSeq = 1;
    private int acknowledged;

    private final BitSet arrived = new BitSet();
    private int arriving;
    private int eventsOfArriving;
    private int settledUpTo;
    private final Admitted admitted = new Admitted();
    private long lowestSeq = Long.MAX_VALUE;
    private long highestSeq;

    /** What all batches that arrived add up to. */
    static final class Admitted {
        private long events;
        private final Map<LocalDate, Long> bytes = new ConcurrentHashMap<>();
        private final Map<LocalDate, Long> bytesOfThisDayOrAnother = new ConcurrentHashMap<>();

        long events() {
            return events;
        }

        /** Of a UTC day, for sure. */
        long bytes(LocalDate day) {
            return bytes.getOrDefault(day, 0L);
        }

        /** That may have been that day's too: they were under way at midnight. */
        long perhaps(LocalDate day) {
            return bytesOfThisDayOrAnother.getOrDefault(day, 0L);
        }
    }

    SandboxStream(String database, String sandbox, String host, long seed, Faults faults) {
        this.database = database;
        this.sandbox = sandbox;
        this.host = host;
        this.seed = seed;
        this.faults = faults;
    }

    String sandbox() {
        return sandbox;
    }

    String host() {
        return host;
    }

    String boot() {
        return boot;
    }

    long seed() {
        return seed;
    }

    /** The next batch: mostly small, now and then up to 200 events. */
    SentBatch next(Random random) {
        int scale = random.nextInt(10);
        int events = 1 + random.nextInt(scale < 5 ? 5 : scale < 9 ? 50 : 200);
        var batch = new SentBatch(this, ++sent, nextSeq, events, random.nextInt(20) == 0);
        nextSeq += events;
        batches.put(batch.number(), batch);
        return batch;
    }

    /** A decision on that batch was heard, so the gateway knows what its host lost by then. */
    void heard(SentBatch batch) {
        told = Math.max(told, batch.number());
    }

    /** The highest number of a batch that was sent: what the host says that it lost. */
    int sent() {
        return sent;
    }

    /** The highest number of a batch that was decided on. */
    int told() {
        return told;
    }

    /** Keeps it for a repetition, in the place of any other. */
    void acknowledged(SentBatch batch, Random random) {
        acknowledged++;
        if (repeatable.size() < REPEATABLE) {
            repeatable.add(batch);
        } else {
            // Half of the places are for the latest, half for any of all.
            int place = random.nextBoolean() ? random.nextInt(REPEATABLE / 2) : random.nextInt(acknowledged);
            if (place < REPEATABLE) {
                repeatable.set(place, batch);
            }
        }
    }

    /** One that was acknowledged, lately or long ago; null if none was. */
    @Nullable
    SentBatch anyAcknowledged(Random random) {
        return repeatable.isEmpty() ? null : repeatable.get(random.nextInt(repeatable.size()));
    }

    /** Holds a line of the stand-in's against what was sent. */
    void arrived(JsonNode line) {
        int number = line.path("payload").path("batch").asInt(-1);
        int event = line.path("payload").path("event").asInt(-1);
        if (number <= settledUpTo && number > 0) {
            faults.found((arrived.get(number) ? "delivered twice: " : "delivered after all had been: ") + "event "
                    + event + " of batch " + number + " of " + this);
            return;
        }
        SentBatch batch = batches.get(number);
        if (batch == null) {
            faults.found("never sent, but delivered for " + this + ": " + line);
            return;
        }
        if (number != arriving) {
            begin(batch);
        }
        if (event != eventsOfArriving) {
            faults.found((event < eventsOfArriving ? "delivered twice or out of order: " : "missing before: ")
                    + "event " + event + " of " + batch);
        }
        eventsOfArriving = event + 1;
        boolean equal = line.path("database").asString("").equals(database)
                && line.path("host").asString("").equals(host)
                && line.path("kind").asString("").equals("message")
                && line.path("name").asString("").equals("load")
                && line.path("seq").asLong(-1) == batch.seq(event)
                && batch.isPayload(event, line.path("payload"));
        if (!equal) {
            faults.found("delivered otherwise than sent: event " + event + " of " + batch + ": " + line);
        }
    }

    private void begin(SentBatch batch) {
        endArriving();
        if (batch.number() < arriving || arrived.get(batch.number())) {
            faults.found((arrived.get(batch.number()) ? "delivered twice: " : "delivered out of order: ") + batch);
        }
        arriving = batch.number();
        eventsOfArriving = 0;
    }

    private void endArriving() {
        SentBatch batch = batches.get(arriving);
        if (batch == null || eventsOfArriving == 0) {
            return;
        }
        if (eventsOfArriving != batch.events()) {
            faults.found("delivered in part, " + eventsOfArriving + " events: " + batch);
        }
        arrived.set(batch.number());
    }

    /** Everything that was accepted has arrived: is it all that was acknowledged, and nothing that was refused? */
    void settle() {
        endArriving();
        for (SentBatch batch : batches.values()) {
            boolean isThere = arrived.get(batch.number());
            switch (batch.fate()) {
                case ACKNOWLEDGED -> {
                    if (!isThere) {
                        faults.found("acknowledged, but not delivered: " + batch);
                    }
                }
                case REFUSED -> {
                    if (isThere) {
                        faults.found("refused, but delivered: " + batch);
                    }
                }
                case ABANDONED -> {}
                case UNDECIDED -> faults.found("never answered: " + batch);
            }
            if (isThere) {
                add(batch);
            }
        }
        settledUpTo = sent;
        arriving = 0;
        eventsOfArriving = 0;
        batches.clear();
    }

    private void add(SentBatch batch) {
        admitted.events += batch.events();
        lowestSeq = Math.min(lowestSeq, batch.seq(0));
        highestSeq = Math.max(highestSeq, batch.seq(batch.events() - 1));
        for (LocalDate day : batch.days()) {
            (batch.days().size() > 1 ? admitted.bytesOfThisDayOrAnother : admitted.bytes)
                    .merge(day, (long) batch.bytes(), Long::sum);
        }
    }

    /** Of what was settled. */
    Admitted admitted() {
        return admitted;
    }

    /** Sequence numbers between the first and the last admitted one that were not. */
    long gaps() {
        return admitted.events == 0 ? 0 : highestSeq - lowestSeq + 1 - admitted.events;
    }

    @Override
    public String toString() {
        return "sandbox " + sandbox + " of database " + database;
    }
}
