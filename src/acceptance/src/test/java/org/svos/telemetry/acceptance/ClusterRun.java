package org.svos.telemetry.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.svos.telemetry.kafka.KafkaBroker;

/**
 * Several gateways that share a store, as {@link Cluster} draws them, before one stand-in that is in a bad mood now and then.
 *
 * <p>After every {@link #BLOWS_A_ROUND} blows the load settles. Which blows come, to whom and for how long is drawn from a seed; what
 * they hit is chance.
 */
final class ClusterRun implements Ordeal {

    private static final int BLOWS_A_ROUND = 10;
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final int LONGEST_MILLIS = 7_000; // of a standstill or a cut: more than twice a lease

    /** In which changes are in force everywhere. */
    private static final Duration NEWS = Duration.ofSeconds(2);

    /** Waits that are a matter of minutes in production. */
    private static final Map<String, String> SETTINGS = Map.of(
            "TELEMETRY_STORE", "postgresql", "TELEMETRY_FORWARD_RETRY_MAX", "1s", "TELEMETRY_FORWARD_PROBE", "1s");

    private final Random random;
    private final Tally tally = new Tally();
    private final Faults faults;
    private final LanternRockStandIn lanternRock;
    private final Cluster cluster;
    private final Load load;
    private int rounds;
    private int blows;

    /** A run in a folder of its own; the gateways are running, and nothing else yet. */
    ClusterRun(Path folder, Shared shared, long seed, List<String> gatewayCommand, int gateways, Faults faults) {
        this.random = new Random(seed);
        this.faults = faults;
        this.lanternRock = new LanternRockStandIn(folder);
        this.cluster = new Cluster(folder, shared, lanternRock.url(), gatewayCommand, gateways, SETTINGS, true);
        this.load = new Load(cluster, lanternRock, random, tally, faults);
        load.openUsual();
    }

    @Override
    public void run(int most) throws InterruptedException {
        while (blows < most && faults.count() == 0) {
            // Its day is over soon, and no blow may begin another.
            LoadedDatabase day = load.open(
                    "day-" + ++rounds,
                    new LoadedDatabase.Limits(100_000 + random.nextInt(300_000), 1_000_000, 10_000_000, false, true),
                    1);
            Thread.sleep(NEWS);
            load.begin(() -> {});
            for (int i = 0; i < BLOWS_A_ROUND && blows < most && faults.count() == 0; i++) {
                lanternRock.behave(KillRun.MOODS.get(random.nextInt(KillRun.MOODS.size())));
                Thread.sleep(random.nextInt(1_500));
                List<Cluster.Replica> replicas = cluster.replicas();
                deal(anyBlow(), replicas.get(random.nextInt(replicas.size())));
                awaitReady();
                load.read();
            }
            load.settle();
            if (faults.count() == 0) {
                load.remove(day);
            }
        }
    }

    private Blow anyBlow() {
        Blow blow = Blow.any(random);
        return blow == Blow.KILL_BROKER && cluster.broker() == null ? Blow.KILL_STORE : blow;
    }

    private void deal(Blow blow, Cluster.Replica replica) throws InterruptedException {
        Gateway gateway = replica.gateway();
        switch (blow) {
            case KILL_GATEWAY -> {
                gateway.kill();
                gateway.launch();
            }
            case REPLACE_GATEWAY -> {
                gateway.terminate();
                gateway.awaitExit(STOP);
                gateway.launch();
            }
            case FREEZE_GATEWAY -> {
                gateway.signal("STOP");
                Thread.sleep(random.nextInt(LONGEST_MILLIS));
                gateway.signal("CONT");
            }
            case CUT_OFF_GATEWAY -> {
                replica.toStore().cut();
                Thread.sleep(random.nextInt(LONGEST_MILLIS));
                replica.toStore().mend();
            }
            case KILL_STORE -> {
                cluster.store().kill();
                Thread.sleep(random.nextInt(1_000));
                cluster.store().startAgain();
            }
            case KILL_BROKER -> {
                KafkaBroker broker = Objects.requireNonNull(cluster.broker());
                broker.kill();
                Thread.sleep(random.nextInt(1_000));
                broker.restart();
            }
        }
        blows++;
        tally.one(BLOWS + blow.inWords());
    }

    private void awaitReady() {
        long began = System.nanoTime();
        cluster.awaitReady();
        tally.one("starts");
        tally.add("start millis", Duration.ofNanos(System.nanoTime() - began).toMillis());
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public void close() {
        load.hurry();
        cluster.close();
        lanternRock.close();
    }
}
