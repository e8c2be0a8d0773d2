package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The long form of {@link ManyKillsIT}, for {@code ./dev bench kills}: some runs side by side, and a report. */
final class ManyKills {

    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(30);

    private final int toKill;
    private final long seed;
    private final long began = System.nanoTime();
    private final Faults faults = new Faults();
    private final List<KillRun> runs = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    private ManyKills(int toKill, long seed) {
        this.toKill = toKill;
        this.seed = seed;
    }

    /**
     * Runs it. KILLS, GATEWAYS and SEED in the environment change what is run; exits with 1 if anything was wrong.
     *
     * @param args the folder to work in
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int gateways = Integer.parseInt(System.getenv().getOrDefault("GATEWAYS", "2"));
        int toKill = Integer.parseInt(System.getenv().getOrDefault("KILLS", "1000"));
        String seed = System.getenv().getOrDefault("SEED", "");
        var all = new ManyKills(toKill, seed.isEmpty() ? new Random().nextLong() : Long.parseLong(seed));
        // Whoever breaks it off is told what was seen until then.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(all::reportEnd));
        all.run(folder, gateways);
        System.exit(all.faults.count() == 0 ? 0 : 1);
    }

    private void run(Path folder, int gateways) throws IOException, InterruptedException {
        System.out.println("    " + toKill + " kills of " + gateways + " gateways side by side, seed " + seed);
        List<String> command = QuickStart.prepare(folder.resolve("quick-start"));
        for (int i = 0; i < gateways; i++) {
            int share = toKill / gateways + (i < toKill % gateways ? 1 : 0);
            var run = new KillRun(Files.createDirectories(folder.resolve("run-" + (i + 1))), seed + i, command, faults);
            runs.add(run);
            // Of the platform's kind: the kernel ends a child process with the thread that started it.
            threads.add(Thread.ofPlatform().start(() -> run(run, share)));
        }
        for (Thread thread : threads) {
            while (!thread.join(BETWEEN_REPORTS)) {
                reportProgress();
            }
        }
        ended = true;
    }

    private void run(KillRun run, int kills) {
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
        return tally.under("kills/").values().stream()
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
        tally.under("kills/").forEach((moment, times) -> row("kill -9 " + moment, times));
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
