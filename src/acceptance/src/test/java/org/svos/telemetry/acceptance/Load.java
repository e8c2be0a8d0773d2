package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/**
 * Databases of a gateway, or of several that share a store, with a sender for each of their sandboxes, and what must be true whenever the load has paused and all
 * that was accepted is delivered: what was acknowledged arrived, whole, once, in order and as it was sent; what was refused did
 * not; and ledger and quota say the same to the event and to the byte.
 */
final class Load {

    private static final Duration DELIVERY = Duration.ofMinutes(2);

    private final Api gateway;
    private final LanternRockStandIn lanternRock;
    private final Random random;
    private final Tally tally;
    private final Faults faults;
    private final Deliveries deliveries;
    private final List<LoadedDatabase> databases = new ArrayList<>();
    private final List<Sender> senders = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(Api gateway, LanternRockStandIn lanternRock, Random random, Tally tally, Faults faults) {
        this.gateway = gateway;
        this.lanternRock = lanternRock;
        this.random = random;
        this.tally = tally;
        this.faults = faults;
        this.deliveries = new Deliveries(lanternRock, tally, faults);
    }

    /** Registers a database that takes part from the next {@link #begin} on. */
    LoadedDatabase open(String name, LoadedDatabase.Limits limits, int sandboxes) {
        var database = new LoadedDatabase(gateway, name, limits, sandboxes, random.nextLong(), faults);
        database.streams().forEach(deliveries::watch);
        databases.add(database);
        return database;
    }

    /** Two with room for all, and two with less than is sent, of which one only tells. */
    void openUsual() {
        open("roomy", LoadedDatabase.Limits.ROOMY, 3);
        open("wide", LoadedDatabase.Limits.ROOMY, 2);
        open("rate", new LoadedDatabase.Limits(1L << 40, 40, 400, false, true), 1);
        open("shadow", new LoadedDatabase.Limits(100_000, 10, 200, true, true), 1);
    }

    /** Removes one, settled, from the gateway too. */
    void remove(LoadedDatabase database) {
        database.remove(faults);
        databases.remove(database);
    }

    /**
     * Begins to send for all of them.
     *
     * @param onAccepted is run when a 202 has been read, at once
     */
    void begin(Runnable onAccepted) {
        for (LoadedDatabase database : databases) {
            for (SandboxStream stream : database.streams()) {
                var sender = new Sender(database, stream, random.nextLong(), onAccepted, tally, faults);
                senders.add(sender);
                threads.add(Thread.ofVirtual().name("sender-", senders.size()).start(() -> run(sender)));
            }
        }
    }

    private void run(Sender sender) {
        try {
            sender.run();
        } catch (RuntimeException e) {
            faults.found("a sender cannot go on: " + e);
        }
    }

    /** Looks at what has been delivered since. */
    void read() {
        deliveries.read();
    }

    /** Ends the load, waits for all deliveries, and checks. */
    void settle() throws InterruptedException {
        lanternRock.behave("{\"mode\": \"ok\"}");
        senders.forEach(Sender::stop);
        for (Thread thread : threads) {
            if (!thread.join(DELIVERY)) {
                faults.found("a batch has had no answer for " + DELIVERY);
            }
        }
        senders.clear();
        threads.clear();
        try {
            Eventually.within(DELIVERY, () -> {
                JsonNode ledger = gateway.admin("GET", "/api/v1/ledger", "").json();
                assertThat(ledger.path("waiting").asLong(-1))
                        .as(ledger.toString())
                        .isZero();
            });
        } catch (AssertionError e) {
            faults.found("not everything was delivered within " + DELIVERY + ": " + e.getMessage());
        }
        deliveries.read();
        databases.forEach(database -> database.check(tally, faults));
        deliveries.forget();
        tally.one("rounds");
    }

    /** Lets every sender end without an answer. */
    void hurry() {
        senders.forEach(Sender::hurry);
    }
}
