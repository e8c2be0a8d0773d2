package org.svos.telemetry.lanternrock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.lanternrock.RawServer.Content;

/** What an adapter does with the token in its file. */
interface CredentialRules extends Adapting {

    String FIRST = "first-secret-4711";
    String OTHER = "other-secret-4711";

    @Test
    default void theTokenIsSent(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), FIRST + "\n");
        try (RawServer server = RawServer.start(RawServer.always(200, taken()))) {
            towards(server.uri(), file).deliver(delivery("k1"));
            assertThat(server.requests().getFirst().header("authorization")).isEqualTo("Bearer " + FIRST);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 302, 401, 403, 404, 422, 500, 503})
    default void theTokenIsNeverShownEvenIfTheServerShowsIt(int status, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), FIRST + "\n");
        Content echo = new Content("text/plain", "You sent: Authorization: Bearer " + FIRST);
        try (RawServer server = RawServer.start(RawServer.always(status, echo, "Retry-After: " + FIRST))) {
            assertThat(towards(server.uri(), file).deliver(delivery("k1")).toString())
                    .doesNotContain(FIRST);
        }
    }

    @Test
    default void aTokenThatIsReplacedIsUsedWithTheNextDelivery(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), FIRST);
        try (RawServer server = RawServer.start(RawServer.always(200, taken()))) {
            LanternRock adapter = towards(server.uri(), file);
            adapter.deliver(delivery("k1"));
            Files.writeString(file, OTHER + "x");
            adapter.deliver(delivery("k2"));
            assertThat(server.requests().getLast().header("authorization")).isEqualTo("Bearer " + OTHER + "x");
        }
    }

    @Test
    default void aTokenThatIsReplacedWhileItIsRefusedIsTriedAtOnce(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), FIRST);
        try (RawServer server = RawServer.start((request, out) -> {
            if (("Bearer " + OTHER).equals(request.header("authorization"))) {
                RawServer.write(out, 200, taken());
            } else {
                replaceUnseen(file, OTHER);
                RawServer.write(out, 401, new Content("text/plain", "expired"));
            }
            return true;
        })) {
            assertThat(towards(server.uri(), file).deliver(delivery("k1"))).isEqualTo(new Receipt.Delivered());
            assertThat(server.requests()).hasSize(2);
        }
    }

    /** By another of the same length in the same file, within a tick of the file system's clock. */
    private static void replaceUnseen(Path file, String token) throws IOException {
        FileTime before = Files.getLastModifiedTime(file);
        Files.writeString(file, token);
        Files.setLastModifiedTime(file, before);
    }

    @Test
    default void aTokenThatStaysRefusedIsAskedForOnceAndParks(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), FIRST);
        try (RawServer server = RawServer.start(RawServer.always(401, new Content("text/plain", "expired")))) {
            assertThat(towards(server.uri(), file).deliver(delivery("k1")))
                    .isEqualTo(new Receipt.Parked(401, "expired"));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    default void aTokenFileThatIsGoneHoldsTheDeliveryBackAndIsSaidAndComesBack(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("token");
        try (RawServer server = RawServer.start(RawServer.always(200, taken()))) {
            LanternRock adapter = towards(server.uri(), file);
            assertThat(adapter.deliver(delivery("k1")))
                    .isEqualTo(new Receipt.Retry("the token file " + file + " is not there", null));
            assertThat(server.requests()).isEmpty();
            Files.writeString(file, FIRST);
            assertThat(adapter.deliver(delivery("k1"))).isEqualTo(new Receipt.Delivered());
        }
    }
}
