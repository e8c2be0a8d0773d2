package org.svos.telemetry.gateway.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.registry.Database;

class VerifyCommandTest {

    @TempDir
    Path data;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private int verify() {
        said.reset();
        String[] arguments = {
            "--telemetry.data=" + data, "--telemetry.journal.segment-size=1MB", "--logging.level.root=off"
        };
        return VerifyCommand.run(arguments, new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private void admit(int batches) {
        try (Rooms rooms = new Rooms(data)) {
            Database database = rooms.register("lab", Rooms.QUOTA, Rooms.sandbox(1));
            for (int i = 0; i < batches; i++) {
                rooms.admission.admit(Rooms.batch(database, Rooms.sandbox(1), "key-" + i, "the body " + i, 2));
            }
        }
    }

    @Test
    void aSoundStoreIsSaidToBeSoundWithWhatItHolds() {
        admit(5);

        assertThat(verify()).isZero();
        assertThat(said())
                .contains("file        sound")
                .contains("0 damaged or missing")
                .contains("5 batches wait, 10 events")
                .contains("accepted 10, delivered 0, waiting 10, imbalance 0")
                .endsWith("sound" + System.lineSeparator());
    }

    @Test
    void aDamagedBatchIsNamedAndNothingIsChanged() throws IOException {
        admit(5);
        damage("the body 3");

        for (int i = 0; i < 2; i++) {
            assertThat(verify()).isEqualTo(1);
            assertThat(said())
                    .contains("batch 4 of the database of key 1, in segment 1 of the journal fails its checksum")
                    .contains("5 batches wait, 10 events")
                    .contains("quarantine  0 batches")
                    .contains("1 faults");
        }
        try (Rooms rooms = new Rooms(data)) {
            assertThat(rooms.spool.next(1, 0, 10, 1_000)).hasSize(4);
        }
        assertThat(verify()).isZero();
        assertThat(said()).contains("4 batches wait, 8 events").contains("quarantine  1 batches, 2 events");
    }

    private void damage(String body) throws IOException {
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(data.resolve("journal"), "*.segment")) {
            for (Path segment : segments) {
                byte[] bytes = Files.readAllBytes(segment);
                int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(body);
                assertThat(at).isPositive();
                bytes[at] ^= 1;
                Files.write(segment, bytes);
            }
        }
    }

    @Test
    void aStoreThatAGatewayHasOpenIsNotTouched() {
        try (Rooms rooms = new Rooms(data)) {
            assertThatThrownBy(this::verify).rootCause().hasMessageContaining("Another gateway");
            assertThat(rooms.ledger.all().imbalance()).isZero();
        }
    }
}
