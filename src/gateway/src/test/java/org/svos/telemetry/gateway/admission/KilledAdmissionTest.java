package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;

/** What is left of an admission that was killed in the middle of its work. */
class KilledAdmissionTest {

    private static final int KILLS = 3;

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedBeforeAKillIsThereAndTheLedgerAddsUp() throws Exception {
        Path data = folder.resolve("data");
        List<String> acknowledged = new ArrayList<>();
        for (int i = 0; i < KILLS; i++) {
            List<String> lines = hammer(data, "round-" + i + "-");
            assertThat(lines).noneMatch(line -> line.startsWith("not admitted"));
            acknowledged.addAll(lines);
            check(data, acknowledged);
        }
        assertThat(acknowledged).hasSizeGreaterThan(100);
    }

    /** Runs a {@link Hammer}, kills it, and gives the keys that it told. */
    private List<String> hammer(Path data, String prefix) throws IOException, InterruptedException {
        Path told = folder.resolve(prefix + "told");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Hammer.class.getName(),
                        data.toString(),
                        prefix)
                .redirectOutput(told.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            while (keys(told, prefix).isEmpty()) {
                assertThat(process.isAlive()).isTrue();
                Thread.sleep(10);
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(100, 900));
        } finally {
            process.destroyForcibly().waitFor();
        }
        return keys(told, prefix);
    }

    /** Whole lines only: the last may have been cut off by the kill. */
    private static List<String> keys(Path told, String prefix) throws IOException {
        String text = Files.readString(told);
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> line.startsWith(prefix) || line.startsWith("not admitted"))
                .toList();
    }

    private static void check(Path data, List<String> acknowledged) {
        try (Rooms rooms = new Rooms(data)) {
            Database database = rooms.register(Hammer.NAME, Hammer.QUOTA, Rooms.sandbox(1));
            Set<String> admitted = rooms.store.read(tx -> {
                Set<String> keys = new HashSet<>();
                try (var row = tx.statement("select key from admitted_key").executeQuery()) {
                    while (row.next()) {
                        keys.add(row.getString(1));
                    }
                }
                return keys;
            });
            assertThat(admitted).containsAll(acknowledged);
            Totals totals = rooms.ledger.of(database.id());
            assertThat(totals.imbalance()).isZero();
            assertThat(totals.accepted()).isEqualTo(admitted.size());
            long passed = rooms.spool.cursor(database.id()).passed();
            List<SpooledBatch> waiting = rooms.spool.next(database.id(), passed, 100_000, 1 << 30);
            assertThat(waiting).hasSize((int) totals.waiting());
            for (SpooledBatch batch : waiting) {
                assertThat(admitted).contains(batch.key());
                assertThat(new String(batch.body(), StandardCharsets.UTF_8)).isEqualTo(Hammer.body(batch.key()));
            }
            String last = acknowledged.getLast();
            assertThat(rooms.admission.admit(Rooms.batch(database, Rooms.sandbox(1), last, Hammer.body(last), 1)))
                    .isInstanceOf(Outcome.Replayed.class);
        }
    }
}
