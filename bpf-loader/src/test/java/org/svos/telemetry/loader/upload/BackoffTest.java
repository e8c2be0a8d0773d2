package org.svos.telemetry.loader.upload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.svos.telemetry.loader.config.Config;

class BackoffTest {

    private static final Config.Upload SETTINGS =
            new Config.Upload(4, Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ofSeconds(60), 1, 1, 0);

    private static Backoff backoff(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        return new Backoff(() -> SETTINGS, random);
    }

    @Property
    void theNthPauseIsAtMostTheFirstDoubledAndNeverOverTheLongest(
            @ForAll long seed, @ForAll @IntRange(max = 100) int n) {
        Backoff backoff = backoff(seed);
        for (int i = 0; i < n; i++) {
            long most = Math.min(60_000, i > 10 ? 60_000 : 500L << i);
            assertThat(backoff.pause(null)).isBetween(Duration.ZERO, Duration.ofMillis(most));
        }
    }

    @Property
    void whatTheGatewaySaidIsWaitedForWhole(@ForAll long seed, @ForAll @IntRange(max = 86_400) int seconds) {
        Duration told = Duration.ofSeconds(seconds);

        assertThat(backoff(seed).pause(told)).isBetween(told, told.plusMillis(500));
    }

    @Example
    void afterASuccessItBeginsAnew() {
        Backoff backoff = backoff(1);
        for (int i = 0; i < 20; i++) {
            backoff.pause(null);
        }
        backoff.reset();

        assertThat(backoff.pause(null)).isLessThanOrEqualTo(Duration.ofMillis(500));
    }
}
