package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The short form of {@code STORE=postgresql ./dev bench kills}, and of {@code STORE=kafka}. */
class ManyGatewaysIT {

    private static final int GATEWAYS = 3;
    private static final int BLOWS = 8;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void whatAnyOfThreeGatewaysAcknowledgedIsDeliveredOnceWhateverIsKilledOrCutOff(Shared shared)
            throws IOException, InterruptedException {
        long seed = new Random().nextLong();
        var faults = new Faults();
        try (var run = new ClusterRun(folder, shared, seed, QuickStart.prepare(folder), GATEWAYS, faults)) {
            run.run(BLOWS);
            run.tally().under(Ordeal.BLOWS).forEach((blow, times) -> System.out.println(times + " × " + blow));
            System.out.println(run.tally().of("events acknowledged") + " events acknowledged");
        }

        assertThat(faults.told()).as("with seed " + seed).isEmpty();
    }
}
