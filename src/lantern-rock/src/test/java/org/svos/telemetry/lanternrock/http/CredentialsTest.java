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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The adapter's token file and settings. */
class CredentialsTest {

    @TempDir
    Path folder;

    @Test
    void aTokenThatIsReplacedIsUsedAtOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "first\n");
        var token = new TokenFile(file);
        assertThat(token.token()).isEqualTo("first");
        assertThat(token.token()).isEqualTo("first");
        Path next = Files.writeString(folder.resolve("next"), "other\n");
        Files.setLastModifiedTime(next, FileTime.from(Instant.now().plusSeconds(5)));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(token.token()).isEqualTo("other");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "secret one", "secret\nsecret", "sécret"})
    void aFileWithoutOneTokenIsSaidWithoutItsContent(String content) throws IOException {
        var token = new TokenFile(Files.writeString(folder.resolve("token"), content));
        assertThatThrownBy(token::token)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("token")
                .hasMessageNotContaining("cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lantern-rock", "ftp://lantern-rock", "http:/x", "http://h/?q=1", "http://h/#f"})
    void anAddressThatIsNoneIsRefused(String url) {
        assertThatThrownBy(() -> new HttpSettings(URI.create(url), null, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(url);
    }
}
