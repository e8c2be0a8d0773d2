package org.svos.telemetry.gateway.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.svos.telemetry.gateway.RunningGateway;

/** What a start makes of its settings, and what it tells the one who started it. */
@ExtendWith(OutputCaptureExtension.class)
class StartTest {

    @TempDir
    Path folder;

    @Test
    void aSettingThatDoesNotExistFailsTheStartInWords(CapturedOutput output) {
        assertThatThrownBy(() -> RunningGateway.start(folder, "telemetry.intake.max-event=5"))
                .hasStackTraceContaining("telemetry.intake.max-event");

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("There is no setting \"telemetry.intake.max-event\"")
                .contains("telemetry.intake.max-events")
                .doesNotContain("\tat org.");
    }

    @ParameterizedTest
    @CsvSource({
        "telemetry.store=oracle, telemetry.store",
        "telemetry.spool=files, telemetry.spool",
        "telemetry.spool=kafka, 'telemetry.spool is kafka, and telemetry.store is sqlite'",
        "telemetry.kafka.partitions=0, telemetry.kafka.partitions",
        "telemetry.metrics.databases=many, telemetry.metrics.databases",
        "telemetry.metrics.databases=-1, telemetry.metrics.databases",
        "telemetry.admission.queue-batches=0, telemetry.admission.queue-batches",
        "telemetry.intake.body-timeout=soon, telemetry.intake.body-timeout",
        "telemetry.tracing.url=collector, telemetry.tracing.url",
        "telemetry.tracing.share=2, telemetry.tracing.share",
        "telemetry.admin-token=two words, telemetry.admin-token",
    })
    void aValueThatCannotBeFailsTheStartInWords(String setting, String named, CapturedOutput output) {
        assertThatThrownBy(() -> RunningGateway.start(folder, setting));

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains(named)
                .doesNotContain("\tat org.");
        assertThat(output).doesNotContain("two words");
    }

    @Test
    void aFolderThatCannotBeMadeFailsTheStartInWords(CapturedOutput output) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> RunningGateway.start(file.resolve("data")));

        assertThat(output).contains("TELEMETRY_DATA").contains(file.toString()).doesNotContain("\tat org.");
    }

    @Test
    void aFolderThatAnotherGatewayHasFailsTheStartInWords(CapturedOutput output) {
        try (RunningGateway first = RunningGateway.start(folder)) {
            assertThat(first.call(null, "GET", "/readyz", null).status()).isEqualTo(200);
            assertThatThrownBy(() -> RunningGateway.start(folder));
        }

        assertThat(output).contains("Another gateway has the data folder").doesNotContain("\tat org.");
    }
}
