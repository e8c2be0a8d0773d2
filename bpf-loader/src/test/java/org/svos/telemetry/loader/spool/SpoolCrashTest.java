package org.svos.telemetry.loader.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.loader.ledger.Balance;

class SpoolCrashTest {

    private static final int KILLS = 5;

    @TempDir
    Path folder;

    @Test
    void whatWasCommittedIsThereAfterKillNineAndTheLedgerStillAddsUp() throws Exception {
        Path file = folder.resolve("spool.db");
        long committed = 0;
        for (int kill = 1; kill <= KILLS; kill++) {
            committed = commitUntilKilled(file, 20L * kill);
            try (Spool spool = Spool.open(file, "boot-1", Bounds.ofBytes(Long.MAX_VALUE))) {
                long next = spool.nextSeqs().getOrDefault(Committer.SANDBOX, 1L);
                assertThat(next - 1).isGreaterThanOrEqualTo(committed);
                assertThat(spool.settled().taken()).isEqualTo(next - 1);
                assertThat(new Balance(spool.kernelCounts(), spool.settled()).imbalance())
                        .isZero();
            }
        }
        try (Spool spool = Spool.open(file, "boot-1", Bounds.ofBytes(Long.MAX_VALUE))) {
            long expected = 1;
            for (SpooledBatch batch = spool.next(Committer.SANDBOX);
                    batch != null;
                    batch = spool.next(Committer.SANDBOX)) {
                assertThat(batch.key()).isEqualTo("key-" + expected++);
                spool.accepted(batch, 1, Map.of());
            }
            assertThat(expected).isGreaterThan(committed);
        }
    }

    /** The last number that the process printed before it was killed. */
    private static long commitUntilKilled(Path file, long rounds) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        // What SQLite's driver unpacks goes with the test's folder.
                        "-Djava.io.tmpdir=" + file.getParent(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Committer.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long last = 0;
        try (BufferedReader lines = process.inputReader()) {
            for (long i = 0; i < rounds; i++) {
                String line = lines.readLine();
                assertThat(line).as("what the process says").isNotNull();
                last = Long.parseLong(line);
            }
            // By its handle: the process would close what it still has to say.
            process.toHandle().destroyForcibly();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = Long.parseLong(line);
            }
        }
        process.waitFor();
        return last;
    }
}
