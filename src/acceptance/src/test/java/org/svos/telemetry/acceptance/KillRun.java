package org.svos.telemetry.acceptance;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One gateway, killed with SIGKILL again and again under load, always on the same store, before one stand-in that lives on and is
 * in a bad mood now and then.
 *
 * <p>After every {@link #KILLS_A_ROUND} kills the load settles. Which moments and moods come is drawn from a seed; what they hit
 * is chance.
 */
final class KillRun implements Ordeal {

    private static final int KILLS_A_ROUND = 25;
    private static final int USUAL_START_MILLIS = 2_000;

    /** Waits that are a matter of minutes in production, and segments so small that they are often begun and freed. */
    private static final Map<String, String> SETTINGS = Map.of(
            "TELEMETRY_FORWARD_RETRY_MAX", "1s",
            "TELEMETRY_FORWARD_PROBE", "1s",
            "TELEMETRY_JOURNAL_SEGMENT_SIZE", "1MB");

    /** Of the stand-in. */
    static final List<String> MOODS = List.of(
            "{\"mode\": \"ok\"}",
            "{\"mode\": \"ok\"}",
            "{\"mode\": \"ok\"}",
            "{\"mode\": \"status\", \"status\": 503, \"retryAfter\": 1}",
            "{\"mode\": \"status\", \"status\": 503, \"database\": \"roomy\"}",
            "{\"mode\": \"status\", \"status\": 401, \"database\": \"wide\"}",
            "{\"mode\": \"slow\", \"delayMs\": 20}",
            "{\"mode\": \"slow\", \"delayMs\": 3000, \"database\": \"roomy\"}",
            "{\"mode\": \"drop\"}",
            "{\"mode\": \"drop\", \"database\": \"wide\"}");

    private final Random random;
    private final Tally tally = new Tally();
    private final Faults faults;
    private final LanternRockStandIn lanternRock;
    private final Gateway gateway;
    private final Load load;
    private final Semaphore accepted = new Semaphore(0);
    private int rounds;
    private int kills;

    /** A run in a folder of its own; the gateway is running, and nothing else yet. */
    KillRun(Path folder, long seed, List<String> gatewayCommand, Faults faults) {
        this.random = new Random(seed);
        this.faults = faults;
        this.lanternRock = new LanternRockStandIn(folder);
        this.gateway = new Gateway(folder, lanternRock.url(), gatewayCommand, SETTINGS);
        this.load = new Load(gateway, lanternRock, random, tally, faults);
        awaitReady();
        load.openUsual();
    }

    /** Kills it that often, and ends with all that was accepted delivered; earlier if something is wrong. */
    @Override
    public void run(int toKill) throws InterruptedException {
        while (kills < toKill && faults.count() == 0) {
            // Its day is over soon, and no kill may begin another.
            LoadedDatabase day = load.open(
                    "day-" + ++rounds,
                    new LoadedDatabase.Limits(100_000 + random.nextInt(300_000), 1_000_000, 10_000_000, false, true),
                    1);
            load.begin(accepted::release);
            for (int i = 0; i < KILLS_A_ROUND && kills < toKill && gateway.isAlive(); i++) {
                killOnce();
            }
            awaitReady();
            load.settle();
            if (faults.count() == 0) {
                load.remove(day);
            }
        }
    }

    /** From one that starts to one that is killed, and on to the next that starts. */
    private void killOnce() throws InterruptedException {
        KillMoment moment = KillMoment.any(random);
        if (moment == KillMoment.STARTING) {
            Thread.sleep(USUAL_START_MILLIS / 4 + random.nextInt(USUAL_START_MILLIS));
        } else {
            awaitReady();
            lanternRock.behave(MOODS.get(random.nextInt(MOODS.size())));
            await(moment);
        }
        gateway.kill();
        kills++;
        tally.one(BLOWS + "kill -9 " + moment.inWords());
        gateway.launch();
        load.read();
    }

    private void await(KillMoment moment) throws InterruptedException {
        switch (moment) {
            case UNDER_LOAD -> Thread.sleep(random.nextInt(1_200));
            case AFTER_AN_ANSWER -> {
                accepted.drainPermits();
                accepted.tryAcquire(1 + random.nextInt(150), 2, TimeUnit.SECONDS);
            }
            case STOPPING -> {
                Thread.sleep(random.nextInt(600));
                gateway.terminate();
                Thread.sleep(random.nextInt(500));
            }
            case WRITING -> {
                try (var writes = FileChanges.writes(gateway.data())) {
                    writes.await(1 + random.nextInt(300), 1_500);
                }
            }
            case CHANGING_FILES -> {
                try (var changes = FileChanges.comingAndGoing(gateway.data())) {
                    changes.await(1 + random.nextInt(4), 1_500);
                }
            }
            case STARTING -> throw new IllegalArgumentException("not a moment of one that is ready");
        }
    }

    private void awaitReady() {
        long began = System.nanoTime();
        gateway.awaitReady();
        tally.one("starts");
        tally.add("start millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public void close() {
        load.hurry();
        gateway.close();
        lanternRock.close();
    }
}
