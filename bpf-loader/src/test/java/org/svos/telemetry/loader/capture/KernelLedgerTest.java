package org.svos.telemetry.loader.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.loader.bpf.ArrayMap;
import org.svos.telemetry.loader.cli.OwnKernel;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelSum;
import org.svos.telemetry.loader.record.GuardLayout;
import org.svos.telemetry.loader.record.Hook;

/** The kernel's ledger, with every cause of loss provoked, on this machine's own kernel. */
class KernelLedgerTest {

    private static final String ONE = "00000000-1111-2222-3333-44444444444a";
    private static final String TWO = "ffffffff-1111-2222-3333-444444444444";
    private static final int LIMIT = 50;

    private final KernelSum sum = new KernelSum();
    private OwnProbes probes;

    @BeforeEach
    void attach() throws Exception {
        OwnKernel.assumeItCanBeProbed();
        probes = new OwnProbes(64 * 1024);
    }

    @AfterEach
    void detach() {
        if (probes != null) {
            probes.close();
        }
    }

    @Test
    void everyWayToLoseACallIsCountedOnceAndTheSumHoldsForEachHookAndCpu() throws Exception {
        Map<Hook, Long> calls = new EnumMap<>(Hook.class);
        int read = 0;
        for (Hook hook : Hook.ALL) {
            probes.attachment.limit(0);
            probes.call(3, hook, null, "name", "text");
            probes.call(1500, hook, ONE, "n".repeat(200), "t".repeat(200));
            read += probes.drain();
            try (HeldBuffers _ = new HeldBuffers()) {
                probes.call(7, hook, ONE, "name", "text");
            }
            probes.attachment.limit(LIMIT);
            probes.call(400, hook, ONE, "name", "text");
            probes.attachment.limit(0);
            probes.call(hook, ONE, "name", "text");
            read += probes.drain();
            calls.put(hook, 3L + 1500 + 7 + 400 + 1);
        }

        long captured = 0;
        for (Hook hook : Hook.ALL) {
            HookCounts counts = probes.of(hook);
            assertThat(counts.seen()).as("seen of %s", hook).isEqualTo(calls.get(hook));
            assertThat(counts.probeFault()).as("probe fault of %s", hook).isEqualTo(3);
            assertThat(counts.recursion()).as("recursion of %s", hook).isEqualTo(7);
            assertThat(counts.ringFull()).as("ring full of %s", hook).isPositive();
            assertThat(counts.throttled()).as("throttled of %s", hook).isPositive();
            assertThat(counts.unaccounted()).as("unaccounted of %s", hook).isZero();
            captured += counts.captured();
        }
        assertThat(captured).isEqualTo(read);
        assertThat(sum.atRest(probes.byCpu())).isEmpty();
    }

    @Test
    void theSumHoldsAtEveryCpuAfterCallsOnAllAtOnceWhileItIsLookedAt() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
            List<Future<?>> running = IntStream.range(0, 8)
                    .<Future<?>>mapToObj(
                            i -> callers.submit(() -> probes.call(1000, Hook.MESSAGE, ONE, "name", "text")))
                    .toList();
            while (!running.stream().allMatch(Future::isDone)) {
                assertThat(sum.look(probes.byCpu())).isEmpty();
                probes.drain();
                Thread.sleep(5);
            }
        }

        assertThat(probes.of(Hook.MESSAGE).seen()).isEqualTo(8000);
        assertThat(sum.atRest(probes.byCpu())).isEmpty();
    }

    @Test
    void theGuardLetsThroughWhatItsLimitAllowsAndNoOtherSandboxSuffers() throws Exception {
        probes.attachment.limit(LIMIT);
        long began = System.nanoTime();
        probes.call(1000, Hook.MESSAGE, ONE, "storm", "{}");
        long seconds = (System.nanoTime() - began) / 1_000_000_000L + 1;
        HookCounts storm = probes.of(Hook.MESSAGE);
        assertThat(storm.captured()).isBetween((long) LIMIT, LIMIT + seconds * LIMIT);
        assertThat(storm.captured() + storm.throttled()).isEqualTo(1000);

        probes.call(LIMIT, Hook.MESSAGE, TWO, "calm", "{}");
        assertThat(probes.of(Hook.MESSAGE).captured() - storm.captured()).isEqualTo(LIMIT);
    }

    @Test
    void aStormOfMessagesLeavesRoomForTheEndOfItsSession() throws Exception {
        probes.attachment.limit(LIMIT);
        probes.call(1000, Hook.MESSAGE, ONE, "storm", "{}");
        probes.call(Hook.SESSION_END, ONE);
        probes.call(Hook.UNREGISTER, ONE);

        assertThat(probes.of(Hook.MESSAGE).throttled()).isPositive();
        assertThat(probes.of(Hook.SESSION_END).captured()).isOne();
        assertThat(probes.of(Hook.UNREGISTER).captured()).isOne();

        probes.call(1000, Hook.SESSION_END, ONE);
        assertThat(probes.of(Hook.SESSION_END).throttled()).isPositive();
    }

    @Test
    void anIdInUpperCaseIsTheSameSandboxAndWhatIsNoIdSharesOneBucket() throws Exception {
        probes.attachment.limit(LIMIT);
        probes.call(Hook.SESSION_END, ONE);
        probes.call(Hook.SESSION_END, ONE.toUpperCase(Locale.ROOT));
        assertThat(placesTaken()).isOne();

        probes.call(Hook.SESSION_END, TWO);
        assertThat(placesTaken()).isEqualTo(2);

        IntStream.range(0, 100).forEach(i -> probes.call(Hook.SESSION_END, "no-id-" + i));
        assertThat(placesTaken()).isEqualTo(3);
    }

    private long placesTaken() throws Exception {
        ArrayMap table = probes.attachment.guard();
        long taken = 0;
        for (int set = 0; set < GuardLayout.SETS; set++) {
            table.read(set);
            for (int way = 0; way < GuardLayout.SET_BYTES; way += GuardLayout.WAY_BYTES) {
                taken += table.number(way) == 0 ? 0 : 1;
            }
        }
        return taken;
    }

    @Test
    void afterAStormTheLimitIsThereAgainAndWithoutOneNothingIsHeldBack() throws Exception {
        probes.attachment.limit(LIMIT);
        probes.call(1000, Hook.MESSAGE, ONE, "storm", "{}");
        long throttled = probes.of(Hook.MESSAGE).throttled();
        Thread.sleep(1100);
        probes.call(LIMIT, Hook.MESSAGE, ONE, "after", "{}");
        assertThat(probes.of(Hook.MESSAGE).throttled()).isEqualTo(throttled);

        probes.attachment.limit(0);
        probes.drain();
        probes.call(300, Hook.MESSAGE, ONE, "free", "{}");
        assertThat(probes.of(Hook.MESSAGE).throttled()).isEqualTo(throttled);
    }

    @Test
    void moreSandboxesThanTheTableHoldsAreEachLetThrough() throws Exception {
        probes.attachment.limit(1);
        long passed = 0;
        for (int i = 0; i < 6000; i++) {
            probes.call(Hook.SESSION_END, "%08x-1111-2222-3333-444444444444".formatted(i * 0x9E3779B1));
            if (i % 200 == 199) {
                passed += probes.drain();
            }
        }

        assertThat(passed).isEqualTo(6000);
        assertThat(probes.of(Hook.SESSION_END).throttled()).isZero();
    }
}
