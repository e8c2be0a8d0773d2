package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code STORE=postgresql ./dev bench kills}. */
class ManyGatewaysIT {

    private static final int GATEWAYS = 3;
    private static final int BLOWS = 8;

    @TempDir
    private Path folder;

    @Test
    void whatAnyOfThreeGatewaysAcknowledgedIsDeliveredOnceWhateverIsKilledOrCutOff()
            throws IOException, InterruptedException {
        long seed = new Random().nextLong();
        var faults = new Faults();
        try (var run = new ClusterRun(folder, seed, QuickStart.prepare(folder), GATEWAYS, faults)) {
            run.run(BLOWS);
            run.tally().under(Ordeal.BLOWS).forEach((blow, times) -> System.out.println(times + " × " + blow));
            System.out.println(run.tally().of("events acknowledged") + " events acknowledged");
        }

        assertThat(faults.told()).as("with seed " + seed).isEmpty();
    }
}
