package org.svos.telemetry.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.svos.telemetry.event.PayloadLimits;

/** Each limit of the intake is a setting, and none may be set to nonsense. */
class IntakeSettingsTest {

    private static final int MIB = 1024 * 1024;

    private static final Map<String, String> DEFAULTS = Map.of(
            "max-wire-size", "8MB",
            "max-size", "32MB",
            "max-ratio", "200",
            "max-events", "10000",
            "max-payload-size", "64KB",
            "max-payload-depth", "64",
            "body-timeout", "30s",
            "concurrent-requests", "1024",
            "concurrent-size", "128MB",
            "drain-time", "1s");

    @ParameterizedTest
    @CsvSource({
        "max-wire-size, 0, max-wire-size must be from 1B to 1GB",
        "max-wire-size, 1025MB, max-wire-size must be from 1B to 1GB",
        "max-size, 0, max-size must be from 1B to 1GB",
        "max-ratio, 0, max-ratio must be at least 1",
        "max-events, 0, max-events must be at least 1",
        "max-payload-size, 0, max-payload-size must be from 1B to 8MB",
        "max-payload-size, 8388609, max-payload-size must be from 1B to 8MB",
        "max-payload-depth, 0, max-payload-depth must be from 1 to 500",
        "max-payload-depth, 501, max-payload-depth must be from 1 to 500",
        "body-timeout, 0s, body-timeout must be positive",
        "concurrent-requests, 0, concurrent-requests must be at least 1",
        "concurrent-size, 71MB, concurrent-size must hold at least one body",
        "drain-time, -1s, drain-time must not be negative",
    })
    void nonsenseIsRefusedByItsName(String key, String value, String told) {
        assertThatThrownBy(() -> with(key, value))
                .isInstanceOf(BindException.class)
                .hasStackTraceContaining("telemetry.intake." + told);
    }

    @ParameterizedTest
    @CsvSource({
        "max-wire-size, 1",
        "max-size, 1",
        "max-ratio, 1",
        "max-events, 1",
        "max-payload-size, 1",
        "max-payload-depth, 1",
        "body-timeout, 1ms",
        "concurrent-requests, 1",
        "concurrent-size, 72MB",
        "drain-time, 0s"
    })
    void theLeastThatMakesSenseIsTaken(String key, String value) {
        assertThat(with(key, value)).isNotNull();
    }

    @Test
    void theRatioCountsFromTheFirstMebibyteOnAndTheSizeIsItsCeiling() {
        IntakeSettings settings = with("max-ratio", "200");

        assertThat(settings.maxBytes(1)).isEqualTo(MIB);
        assertThat(settings.maxBytes(MIB / 200)).isEqualTo(MIB);
        assertThat(settings.maxBytes(MIB / 200 + 1)).isEqualTo(200L * (MIB / 200 + 1));
        assertThat(settings.maxBytes(32 * MIB / 200)).isEqualTo(200L * (32 * MIB / 200));
        assertThat(settings.maxBytes(32 * MIB / 200 + 1)).isEqualTo(32 * MIB);
        assertThat(settings.maxBytes(8 * MIB)).isEqualTo(32 * MIB);
    }

    @Test
    void theLimitsOfEventsAreTheReadersToo() {
        assertThat(with("max-payload-size", "8MB").batchLimits().payload()).isEqualTo(new PayloadLimits(8 * MIB, 64));
        assertThat(with("max-payload-depth", "500").batchLimits().payload())
                .isEqualTo(new PayloadLimits(64 * 1024, 500));
        assertThat(with("max-events", "7").batchLimits().maxEvents()).isEqualTo(7);
        assertThat(with("body-timeout", "2s").bodyTimeout()).isEqualTo(Duration.ofSeconds(2));
    }

    private static IntakeSettings with(String key, String value) {
        Map<String, String> settings = new HashMap<>();
        DEFAULTS.forEach((name, standard) -> settings.put("telemetry.intake." + name, standard));
        settings.put("telemetry.intake." + key, value);
        return new Binder(new MapConfigurationPropertySource(settings))
                .bind("telemetry.intake", IntakeSettings.class)
                .get();
    }
}
