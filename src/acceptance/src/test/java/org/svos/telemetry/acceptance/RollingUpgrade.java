package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Two gateways of the previous release on one PostgreSQL, under load, that are replaced by two of this one; for {@code ./dev bench
 * upgrade}:
 *
 * <pre>
 * old 1   ████████████████████████▏ SIGTERM
 * old 2   ██████████████████████████████████████▏ SIGKILL
 * new 1          ░░░███████████████████████████████████   changes the schema under the two, while one database's lane stands
 * new 2                             ░░░████████████████
 * </pre>
 *
 * What must be true is what {@link Load} says: nothing lost, nothing twice, no answer that is none of the contract's, and ledger and
 * quota to the event and to the byte.
 */
final class RollingUpgrade {

    private static final Duration STOP = Duration.ofSeconds(60);
    private static final Duration A_WHILE = Duration.ofSeconds(6);
    private static final String HELD_UP = "{\"mode\": \"status\", \"status\": 503, \"database\": \"wide\"}";
    private static final String WELL = "{\"mode\": \"ok\"}";

    private final Tally tally = new Tally();
    private final Faults faults = new Faults();
    private final Path folder;
    private final LanternRockStandIn lanternRock;
    private final PostgresServer store;

    private RollingUpgrade(Path folder) {
        this.folder = folder;
        lanternRock = new LanternRockStandIn(folder);
        store = new PostgresServer(folder.resolve("postgresql"));
    }

    /**
     * Runs it; SEED in the environment repeats one. Exits with 1 if anything was wrong.
     *
     * @param args the folder to work in, and the previous release's jar
     */
    public static void main(String[] args) throws Exception {
        String seed = System.getenv().getOrDefault("SEED", "");
        long drawn = seed.isEmpty() ? new Random().nextLong() : Long.parseLong(seed);
        System.out.println("    seed " + drawn);
        var upgrade = new RollingUpgrade(Path.of(args[0]));
        try {
            upgrade.run(Child.java("256m", Path.of(args[1])), Child.java("256m", Build.GATEWAY), new Random(drawn));
        } finally {
            upgrade.close();
        }
        upgrade.report();
        System.exit(upgrade.faults.count() == 0 ? 0 : 1);
    }

    private void run(List<String> before, List<String> after, Random random) throws IOException, InterruptedException {
        int[] ports = {Build.freePort(), Build.freePort(), Build.freePort(), Build.freePort()};
        try (var balancer = new Balancer(ports);
                Gateway first = ready("old-1", before, ports[0]);
                Gateway second = ready("old-2", before, ports[1])) {
            var load = new Load(balancer, lanternRock, random, tally, faults);
            load.openUsual();
            Thread.sleep(2_000); // Until both know of them.
            load.begin(() -> {});
            lanternRock.behave(HELD_UP);
            awhile(load, "old and old");
            long began = System.nanoTime();
            try (Gateway _ = ready("new-1", after, ports[2])) {
                tally.add(
                        "millis until the first new one was ready",
                        Duration.ofNanos(System.nanoTime() - began).toMillis());
                awhile(load, "old, old and new");
                lanternRock.behave(WELL);
                awhile(load, "old, old and new, all lanes going");
                first.terminate();
                first.awaitExit(STOP);
                try (Gateway _ = ready("new-2", after, ports[3])) {
                    awhile(load, "old, new and new");
                    second.kill();
                    awhile(load, "new and new");
                    load.settle();
                }
            }
        }
    }

    private Gateway ready(String name, List<String> command, int port) throws IOException {
        Gateway gateway = gateway(name, command, port);
        try {
            gateway.awaitReady();
            return gateway;
        } catch (RuntimeException | AssertionError e) {
            gateway.close();
            throw e;
        }
    }

    private Gateway gateway(String name, List<String> command, int port) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        int management = Build.freePort();
        Map<String, String> settings = Map.ofEntries(
                Map.entry("SERVER_PORT", Integer.toString(port)),
                Map.entry("SERVER_ADDRESS", "127.0.0.1"),
                Map.entry("MANAGEMENT_SERVER_PORT", Integer.toString(management)),
                Map.entry("TELEMETRY_DATA", own.resolve("gateway").toString()),
                Map.entry("TELEMETRY_LANTERN_ROCK_URL", lanternRock.url()),
                Map.entry("TELEMETRY_ADMIN_TOKEN", Gateway.ADMIN_TOKEN),
                Map.entry("TELEMETRY_STORE", "postgresql"),
                Map.entry("TELEMETRY_POSTGRESQL_URL", PostgresServer.url(store.port())),
                Map.entry("TELEMETRY_POSTGRESQL_USER", PostgresServer.USER),
                Map.entry("TELEMETRY_FORWARD_RETRY_MAX", "1s"));
        return new Gateway(
                own.resolve("gateway"),
                port,
                management,
                () -> Child.start("the gateway " + name, own.resolve("gateway.log"), settings, command));
    }

    private void awhile(Load load, String who) throws InterruptedException {
        long before = tally.of("events acknowledged");
        long end = System.nanoTime() + A_WHILE.toNanos();
        while (System.nanoTime() < end) {
            Thread.sleep(500);
            load.read();
        }
        System.out.printf(
                "    %s: %,d events acknowledged, %d faults%n",
                who, tally.of("events acknowledged") - before, faults.count());
    }

    private void report() {
        for (String name : List.of(
                "millis until the first new one was ready",
                "batches acknowledged",
                "events acknowledged",
                "records delivered",
                "batches refused",
                "batches abandoned",
                "connections broken")) {
            System.out.printf("| %s | %,d |%n", name, tally.of(name));
        }
        tally.under("status/").forEach((answer, times) -> System.out.printf("| answer %s | %,d |%n", answer, times));
        System.out.printf("| faults | %,d |%n", faults.count());
        faults.told().forEach(fault -> System.out.println("FAULT: " + fault));
    }

    private void close() {
        store.close();
        lanternRock.close();
    }
}
