package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;

/**
 * What 64 clients at once are admitted is what the quota allows, to the byte and to the event. Equality is certain, not likely:
 * each run ends with batches of the smallest size, until not even one of those fits.
 */
class ExactnessTest {

    private static final int CLIENTS = 64;
    private static final Instant START = Instant.parse("2026-11-22T23:59:30Z");

    @TempDir
    Path data;

    private final SetClock clock = new SetClock(START);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Rooms rooms;

    /** Those of a store that is there already, or is not yet. */
    Rooms rooms(InstantSource clock) {
        return new Rooms(data, clock);
    }

    @BeforeEach
    void open() {
        rooms = rooms(clock);
    }

    @AfterEach
    void close() {
        threads.close();
        rooms.close();
    }

    private void reopen() {
        rooms.close();
        open();
    }

    private QuotaClients clientsOf(int number, QuotaClients.Shape shape, Quota quota) {
        return new QuotaClients(rooms.register("lab-" + number, quota, Rooms.sandbox(number)), number, shape);
    }

    /** Runs this on every client's thread, and throws what any of them threw. */
    private void together(Runnable client) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            running.add(threads.submit(client));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    /** Any of the databases, so that groups mix them. */
    private void attempt(List<QuotaClients> all) {
        all.get(ThreadLocalRandom.current().nextInt(all.size())).attempt(rooms.admission);
    }

    private void checkLedgers(List<QuotaClients> all) {
        all.forEach(clients -> clients.check(rooms));
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    @Test
    void whatIsAdmittedEqualsTheQuotaWithRepeatsAndRefusalsInBetweenAndARestartInTheMiddle() throws Exception {
        int attempts = 160_000;
        List<QuotaClients> all = List.of(
                clientsOf(1, QuotaClients.Shape.BYTES, new Quota(900_007, 1, Quota.MAX, Quota.Mode.ENFORCE)),
                clientsOf(2, QuotaClients.Shape.EVENTS, new Quota(Quota.MAX, 1, 900_007, Quota.Mode.ENFORCE)),
                clientsOf(3, QuotaClients.Shape.BOTH, new Quota(900_007L * 4, 1, 900_007, Quota.Mode.ENFORCE)));
        for (int half = 0; half < 2; half++) {
            AtomicInteger left = new AtomicInteger(attempts / 2);
            together(() -> {
                while (left.getAndDecrement() > 0) {
                    attempt(all);
                }
            });
            if (half == 0) {
                assertThat(all).noneMatch(QuotaClients::refused);
            }
            reopen();
        }
        together(() -> all.forEach(clients -> clients.fill(rooms.admission)));

        assertThat(all.get(0).bytes()).isEqualTo(900_007);
        assertThat(all.get(1).events()).isEqualTo(900_007);
        assertThat(all.get(2).bytes()).isEqualTo(900_007L * 4);
        assertThat(all.get(2).events()).isEqualTo(900_007);
        checkLedgers(all);
    }

    @Test
    void whileTheClockMovesItIsTheRefillToTheEventAndEachDayToTheByte() throws Exception {
        int attempts = 40_000;
        long minute = 60_000;
        long rate = 1_000;
        long burst = 100_000; // More than a minute refills: once drained it is never full, so that no refill is lost.
        long day = 100_003;
        QuotaClients byDay = clientsOf(1, QuotaClients.Shape.BYTES, new Quota(day, 1, Quota.MAX, Quota.Mode.ENFORCE));
        QuotaClients byRate =
                clientsOf(2, QuotaClients.Shape.EVENTS, new Quota(Quota.MAX, rate, burst, Quota.Mode.ENFORCE));
        List<QuotaClients> all = List.of(byDay, byRate);
        together(() -> all.forEach(clients -> clients.fill(rooms.admission)));
        assertThat(byDay.bytes()).isEqualTo(day);
        assertThat(byRate.events()).isEqualTo(burst);
        reopen();

        AtomicInteger done = new AtomicInteger();
        Future<?> time = threads.submit(() -> {
            for (long passed = 0; passed < minute; passed = Math.min(minute, minute * done.get() / attempts)) {
                clock.set(START.plusMillis(passed));
                LockSupport.parkNanos(50_000);
            }
            clock.set(START.plusMillis(minute));
        });
        together(() -> {
            while (done.getAndIncrement() < attempts) {
                attempt(all);
                // In this order: what was admitted by now was admitted at this time or before.
                long admitted = byRate.events();
                long allowed =
                        burst + rate * Duration.between(START, clock.instant()).toMillis() / 1_000;
                assertThat(admitted).isLessThanOrEqualTo(allowed);
            }
        });
        time.get();
        together(() -> all.forEach(clients -> clients.fill(rooms.admission)));

        assertThat(byDay.bytes()).isEqualTo(2 * day);
        assertThat(byRate.events()).isEqualTo(burst + rate * minute / 1_000);
        checkLedgers(all);
    }

    @Test
    void aShadowQuotaCountsWhatTheSameQuotaRefusesWhenItIsEnforced() {
        Quota enforced = new Quota(2_000, 10, 200, Quota.Mode.ENFORCE);
        Quota shadow = new Quota(2_000, 10, 200, Quota.Mode.SHADOW);
        Database real = rooms.register("real", enforced, Rooms.sandbox(1));
        Database twin =
                Rooms.database(rooms.register("twin", shadow, Rooms.sandbox(2)).id(), "twin", shadow);
        Random random = new Random(20_261_122);
        int refused = 0;
        for (int i = 0; i < 1_000; i++) {
            clock.advance(Duration.ofMillis(random.nextInt(random.nextInt(20) == 0 ? 7_200_000 : 2_000)));
            String body = "x".repeat(random.nextInt(1, random.nextInt(50) == 0 ? 3_000 : 60));
            int events = random.nextInt(1, random.nextInt(50) == 0 ? 300 : 30);
            boolean fits = rooms.admission.admit(Rooms.batch(real, Rooms.sandbox(1), "k" + i, body, events))
                    instanceof Outcome.Accepted;
            assertThat(rooms.admission.admit(Rooms.batch(twin, Rooms.sandbox(2), "k" + i, body, events)))
                    .isInstanceOf(Outcome.Accepted.class);
            refused += fits ? 0 : 1;
            for (String policy : List.of("day", "rate")) {
                assertThat(decisions(policy, "would-refuse")).isEqualTo(decisions(policy, "refused"));
            }
        }
        assertThat(decisions("day", "refused")).isPositive();
        assertThat(decisions("rate", "refused")).isPositive();
        assertThat(refused).isBetween(100, 900);
        assertThat(rooms.admission.standing(twin).dayLeft())
                .isEqualTo(rooms.admission.standing(real).dayLeft());
        assertThat(rooms.admission.standing(twin).rateLeft())
                .isEqualTo(rooms.admission.standing(real).rateLeft());
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    @Test
    void aShadowQuotaCountsToTheBatchWhatIsBeyondItWithManyClientsAtOnce() throws Exception {
        int attempts = 10_000;
        int quota = 3_001;
        Quota shadow = new Quota(quota, 1, Quota.MAX, Quota.Mode.SHADOW);
        Database twin =
                Rooms.database(rooms.register("twin", shadow, Rooms.sandbox(1)).id(), "twin", shadow);
        AtomicInteger key = new AtomicInteger();
        together(() -> {
            for (int number = key.getAndIncrement(); number < attempts; number = key.getAndIncrement()) {
                assertThat(rooms.admission.admit(Rooms.batch(twin, Rooms.sandbox(1), "k" + number, "x", 1)))
                        .isInstanceOf(Outcome.Accepted.class);
            }
        });

        assertThat(decisions("day", "admitted")).isEqualTo(quota);
        assertThat(decisions("day", "would-refuse")).isEqualTo(attempts - quota);
        assertThat(rooms.ledger.of(twin.id()).accepted()).isEqualTo(attempts);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    private double decisions(String policy, String decision) {
        return rooms.meters
                .get("telemetry.quota.decisions")
                .tags("policy", policy, "decision", decision)
                .counter()
                .count();
    }
}
