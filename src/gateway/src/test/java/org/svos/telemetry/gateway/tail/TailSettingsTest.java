package org.svos.telemetry.gateway.tail;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class TailSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "-1, 8, 512KB, 16MB, 5m, 15s, 10s, readers",
        "64, 0, 512KB, 16MB, 5m, 15s, 10s, readers-per-database",
        "64, 8, 1KB, 16MB, 5m, 15s, 10s, ring-size",
        "64, 8, 512KB, 1KB, 5m, 15s, 10s, waiting-size",
        "64, 8, 512KB, 16MB, -1s, 15s, 10s, linger",
        "64, 8, 512KB, 16MB, 5m, 0s, 10s, heartbeat",
        "64, 8, 512KB, 16MB, 5m, 15s, 0s, stall-timeout",
    })
    void whatCannotBeIsToldByItsName(
            int readers,
            int perDatabase,
            String ring,
            String waiting,
            String linger,
            String heartbeat,
            String stall,
            String name) {
        assertThatThrownBy(() -> new TailSettings(
                        readers,
                        perDatabase,
                        DataSize.parse(ring),
                        DataSize.parse(waiting),
                        duration(linger),
                        duration(heartbeat),
                        duration(stall)))
                .hasMessageStartingWith("telemetry.tail." + name);
    }

    private static Duration duration(String text) {
        return Duration.parse("PT" + text);
    }
}
