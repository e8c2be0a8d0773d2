package org.svos.telemetry.lanternrock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/** The adapter's token file and settings. */
class CredentialsTest {

    @TempDir
    Path folder;

    @Test
    void aTokenThatIsReplacedIsUsedAtOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "first\n");
        var token = new TokenFile(file);
        assertThat(token.authorization()).isEqualTo("Bearer first");
        assertThat(token.authorization()).isEqualTo("Bearer first");
        Path next = Files.writeString(folder.resolve("next"), "other\n");
        Files.setLastModifiedTime(next, FileTime.from(Instant.now().plusSeconds(5)));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(token.authorization()).isEqualTo("Bearer other");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "secret one", "secret\nsecret", "sécret"})
    void aFileWithoutOneTokenIsSaidWithoutItsContent(String content) throws IOException {
        var token = new TokenFile(Files.writeString(folder.resolve("token"), content));
        assertThatThrownBy(token::authorization)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("token")
                .hasMessageNotContaining("cret");
    }

    @Test
    void aMissingTokenFileHoldsTheDeliveryBackAndIsSaid() throws Exception {
        Path missing = folder.resolve("token");
        var settings = new HttpSettings(
                URI.create("http://127.0.0.1:1"), missing, Duration.ofSeconds(1), Duration.ofSeconds(1));
        try (var adapter = new HttpLanternRock(settings, InstantSource.system())) {
            assertThat(adapter.deliver(delivery()))
                    .isInstanceOfSatisfying(
                            Receipt.Retry.class,
                            retry -> assertThat(retry.why()).contains(missing.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lantern-rock", "ftp://lantern-rock", "http:/x", "http://h/?q=1", "http://h/#f"})
    void anAddressThatIsNoneIsRefused(String url) {
        assertThatThrownBy(() -> new HttpSettings(URI.create(url), null, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(url);
    }

    private static Delivery delivery() {
        var segments = new Segments("message", 1, null, null, null, null);
        return new Delivery(
                "lab",
                "k1",
                "00000000-1111-2222-3333-444444444444",
                null,
                null,
                List.of(),
                List.of(new TelemetryRecord("m", 1, 0, segments, Instant.EPOCH, null, "{}")));
    }
}
