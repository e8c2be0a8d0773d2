package org.svos.telemetry.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.SharedGateway;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;
import org.svos.telemetry.gateway.access.Authentication.Unauthenticated;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.store.FileStore;
import org.svos.telemetry.gateway.store.Store;

/** Nothing is remembered of tokens and sandbox IDs that are unknown: a flood of them leaves memory as it was. */
@ExtendWith(SharedGateway.class)
class StrangersTest {

    private static final int FLOOD = 1_000_000;

    /** Eight bytes for each stranger: less than any trace of one would take. */
    private static final long NEXT_TO_NOTHING = 8L * FLOOD;

    @Test
    void aFloodOfUnknownTokensLeavesNoTrace(@TempDir Path folder) {
        try (Store store = FileStore.open(folder, InstantSource.system(), 1 << 20)) {
            Access access = new Access(InstantSource.system(), "an-admin-token", Tokens.load(store));
            access.authenticate("Bearer warm-up");
            long before = heldBytes();

            for (int i = 0; i < FLOOD; i++) {
                assertThat(access.authenticate("Bearer kt_" + i) instanceof Unauthenticated)
                        .isTrue();
            }

            assertThat(heldBytes() - before).isLessThan(NEXT_TO_NOTHING);
            assertThat(access.authenticate("Bearer an-admin-token")).isInstanceOf(Authenticated.class);
        }
    }

    @Test
    void aFloodOfUnknownSandboxesLeavesNoTrace(RunningGateway gateway) {
        Registry registry = gateway.part(Registry.class);
        long before = heldBytes();

        for (int i = 0; i < FLOOD; i++) {
            assertThat(registry.sandbox(new SandboxId(new UUID(1, i).toString())))
                    .isNull();
        }

        assertThat(heldBytes() - before).isLessThan(NEXT_TO_NOTHING);
    }

    private static long heldBytes() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
