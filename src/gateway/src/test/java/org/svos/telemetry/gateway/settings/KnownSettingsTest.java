package org.svos.telemetry.gateway.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class KnownSettingsTest {

    @Test
    void aMisspeltSettingIsRefusedWithTheOneThatWasMeant() {
        assertThatThrownBy(() -> check("telemetry.admission.max-weight"))
                .isInstanceOfSatisfying(SettingFault.class, fault -> {
                    assertThat(fault).hasMessageContaining("\"telemetry.admission.max-weight\"");
                    assertThat(fault).hasMessageContaining("a file");
                    assertThat(fault.remedy()).contains("telemetry.admission.max-wait");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "telemetry.data",
                "telemetry.adminToken",
                "telemetry.admission.MAX_WAIT",
                "server.port",
                "telemetry"
            })
    void aKnownOneIsTakenHoweverItIsSpelt(String key) {
        assertThatCode(() -> check(key)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"telemetry.admission", "telemetry.data.folder", "telemetry.intake[0]"})
    void aPartOfTheWayIsNoSetting(String key) {
        assertThatThrownBy(() -> check(key)).isInstanceOf(SettingFault.class);
    }

    @Test
    void theEnvironmentIsLeftAlone() {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(
                        new SystemEnvironmentPropertySource("variables", Map.of("TELEMETRY_SERVICE_HOST", "10.0.0.1")));

        assertThatCode(() -> new KnownSettings().postProcessEnvironment(environment, new SpringApplication()))
                .doesNotThrowAnyException();
    }

    private static void check(String key) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("a file", Map.of(key, "x")));
        new KnownSettings().postProcessEnvironment(environment, new SpringApplication());
    }
}
