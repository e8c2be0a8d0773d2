package org.svos.telemetry.loader.attach;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProbeMissesTest {

    @Test
    void whatWasMissedBeforeTheModuleWasLoadedAgainIsNotForgotten() {
        ProbeMisses misses = ProbeMisses.NONE.read(3).read(7);
        assertThat(misses.all()).isEqualTo(7);

        misses = misses.read(0);
        assertThat(misses.all()).isEqualTo(7);
        assertThat(misses.read(2).all()).isEqualTo(9);
        assertThat(misses.read(2).read(1).all()).isEqualTo(10);
    }
}
