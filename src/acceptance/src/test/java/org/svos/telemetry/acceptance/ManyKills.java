package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The long form of {@link ManyKillsIT} and {@link ManyGatewaysIT}, for {@code ./dev bench kills}: some runs side by side, and a report. */
final class ManyKills {

    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(30);

    private final int toKill;
    private final long seed;
    private final long began = System.nanoTime();
    private final Faults faults = new Faults();
    private final List<Ordeal> runs = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    private ManyKills(int toKill, long seed) {
        this.toKill = toKill;
        this.seed = seed;
    }

    /**
     * Runs it. KILLS, GATEWAYS, STORE and SEED in the environment change what is run; exits with 1 if anything was wrong.
     *
     * @param args the folder to work in
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        String store = System.getenv().getOrDefault("STORE", "sqlite");
        int gateways = Integer.parseInt(System.getenv().getOrDefault("GATEWAYS", store.equals("sqlite") ? "2" : "3"));
        int toKill = Integer.parseInt(System.getenv().getOrDefault("KILLS", "1000"));
        String seed = System.getenv().getOrDefault("SEED", "");
        var all = new ManyKills(toKill, seed.isEmpty() ? new Random().nextLong() : Long.parseLong(seed));
        // Whoever breaks it off is told what was seen until then.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(all::reportEnd));
        all.run(folder, store, gateways);
        System.exit(all.faults.count() == 0 ? 0 : 1);
    }

    private void run(Path folder, String store, int gateways) throws IOException, InterruptedException {
        List<String> command = QuickStart.prepare(folder.resolve("quick-start"));
        if (store.equals("sqlite")) {
            System.out.println("    " + toKill + " kills of " + gateways + " gateways side by side, seed " + seed);
            for (int i = 0; i < gateways; i++) {
                int share = toKill / gateways + (i < toKill % gateways ? 1 : 0);
                Path own = Files.createDirectories(folder.resolve("run-" + (i + 1)));
                begin(new KillRun(own, seed + i, command, faults), share);
            }
        } else {
            System.out.println(
                    "    " + toKill + " blows to " + gateways + " gateways that share " + store + ", seed " + seed);
            begin(new ClusterRun(folder, Shared.of(store), seed, command, gateways, faults), toKill);
        }
        for (Thread thread : threads) {
            while (!thread.join(BETWEEN_REPORTS)) {
                reportProgress();
            }
        }
        ended = true;
    }

    private void begin(Ordeal run, int kills) {
        runs.add(run);
        // Of the platform's kind: the kernel ends a child process with the thread that started it.
        threads.add(Thread.ofPlatform().start(() -> run(run, kills)));
    }

    private void run(Ordeal run, int kills) {
        try (run) {
            run.run(kills);
        } catch (RuntimeException | AssertionError e) {
            faults.found("a run cannot go on: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Tally tally() {
        var sum = new Tally();
        runs.forEach(run -> run.tally().under("").forEach(sum::add));
        return sum;
    }

    private long minutes() {
        return Duration.ofNanos(System.nanoTime() - began).toMinutes();
    }

    private void reportProgress() {
        Tally tally = tally();
        System.out.printf(
                "    %3d min: %d kills, %,d events acknowledged, %,d records delivered, %d connections broken, %d faults%n",
                minutes(),
                kills(tally),
                tally.of("events acknowledged"),
                tally.of("records delivered"),
                tally.of("connections broken"),
                faults.count());
    }

    private static long kills(Tally tally) {
        return tally.under(Ordeal.BLOWS).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private void reportEnd() {
        Tally tally = tally();
        long kills = kills(tally);
        System.out.printf(
                "%n%s after %d kills in %d min, seed %d%n%n", ended ? "Ended" : "BROKEN OFF", kills, minutes(), seed);
        System.out.println("| seen | times |");
        System.out.println("|---|---|");
        tally.under(Ordeal.BLOWS).forEach(ManyKills::row);
        row(
                "starts that came to be ready, in " + tally.of("start millis") / Math.max(1, tally.of("starts"))
                        + " ms in the mean",
                tally.of("starts"));
        row("rounds checked", tally.of("rounds"));
        for (String name : List.of(
                "batches acknowledged",
                "events acknowledged",
                "records delivered",
                "batches refused",
                "batches abandoned",
                "batches sent twice at a time",
                "connections broken")) {
            row(name, tally.of(name));
        }
        tally.under("status/").forEach((answer, times) -> row("answer " + answer, times));
        row("faults", faults.count());
        faults.told().forEach(fault -> System.out.println("FAULT: " + fault));
    }

    private static void row(String name, long times) {
        System.out.printf("| %s | %,d |%n", name, times);
    }
}
