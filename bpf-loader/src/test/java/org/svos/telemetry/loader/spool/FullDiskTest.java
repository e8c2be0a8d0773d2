package org.svos.telemetry.loader.spool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.Hook;

/** A real file system of one megabyte. */
class FullDiskTest {

    private static final SandboxId SANDBOX = new SandboxId("00000000-1111-2222-3333-444444444444");

    @TempDir
    Path disk;

    private boolean mounted;
    private long next = 1;

    @BeforeEach
    void mount() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
        if (!mounted) {
            System.err.println("NOT RUN, as a file system of one megabyte cannot be mounted here: that takes root");
            Assumptions.abort("a file system of one megabyte cannot be mounted here: that takes root");
        }
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            run("umount", disk.toString());
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }

    private Round round() {
        byte[] body = new byte[20_000];
        new Random(next).nextBytes(body);
        return new Round(
                List.of(new NewBatch(SANDBOX, "key-" + next, 1, 20_000, body, next + 1)), 1, Map.of(), Map.of());
    }

    private void commit(Spool spool) throws SpoolFault {
        spool.commit(round(), captured(next), new RingMark(7, 0));
        next++;
    }

    private static KernelCounts captured(long events) {
        Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
        counts.put(Hook.MESSAGE, new HookCounts(events, events, 0, 0, 0, 0));
        return new KernelCounts(counts);
    }

    @Test
    void onAFullDiskNothingIsHalfWrittenAndWithRoomItGoesOn() throws Exception {
        try (Spool spool = Spool.open(disk.resolve("spool.db"), "boot-1", Bounds.ofBytes(Long.MAX_VALUE))) {
            assertThatThrownBy(() -> {
                        while (next < 1_000) {
                            commit(spool);
                        }
                    })
                    .isInstanceOf(SpoolFault.class)
                    .hasMessageContaining("spool.db");
            long written = next - 1;
            for (int attempt = 0; attempt < 3; attempt++) {
                assertThatThrownBy(() -> commit(spool)).isInstanceOf(SpoolFault.class);
            }
            assertThat(spool.events()).isEqualTo(written);
            assertThat(spool.settled().taken()).isEqualTo(written);

            assertThat(run("mount", "-o", "remount,size=4m", disk.toString())).isTrue();

            commit(spool);
            assertThat(spool.events()).isEqualTo(written + 1);
            assertThat(new Balance(captured(next - 1), spool.settled()).imbalance())
                    .isZero();
            for (long expected = 1; expected < next; expected++) {
                SpooledBatch batch = requireNonNull(spool.next(SANDBOX));
                assertThat(batch.key()).isEqualTo("key-" + expected);
                spool.accepted(batch, 1, Map.of());
            }
            assertThat(spool.events()).isZero();
        }
    }
}
