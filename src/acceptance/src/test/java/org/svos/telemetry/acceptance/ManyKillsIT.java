package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./dev bench kills}. */
class ManyKillsIT {

    private static final int KILLS = 12;

    @TempDir
    private Path folder;

    @Test
    void whatAKilledGatewayAcknowledgedIsDeliveredOnceAndNothingElseIs() throws IOException, InterruptedException {
        long seed = new Random().nextLong();
        var faults = new Faults();
        try (var run = new KillRun(folder, seed, QuickStart.prepare(folder), faults)) {
            run.run(KILLS);
        }

        assertThat(faults.told()).as("with seed " + seed).isEmpty();
    }
}
