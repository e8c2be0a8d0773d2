package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.gateway.admission.GateDisk;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/** The spool of one process, whose bodies are in the journal. */
class SpoolTest extends SpoolContract {

    @TempDir
    Path data;

    @Override
    Rooms rooms() {
        return new Rooms(data);
    }

    @Override
    void corrupt(String key) {
        byte[] batch = (Rooms.sandbox(1).value() + key + key).getBytes(StandardCharsets.US_ASCII);
        int found = 0;
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(data.resolve("journal"), "*.segment")) {
            for (Path segment : segments) {
                byte[] bytes = Files.readAllBytes(segment);
                for (int i = 0; i + batch.length <= bytes.length; i++) {
                    if (Arrays.equals(bytes, i, i + batch.length, batch, 0, batch.length)) {
                        bytes[i + batch.length - 1] ^= 1;
                        found++;
                    }
                }
                Files.write(segment, bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(found).isEqualTo(1);
    }

    @Test
    void aSegmentThatCannotBeOpenedNowIsNotTakenForADamagedOne() throws IOException {
        append(batch(ONE, "a", 1), batch(ONE, "b", 2));
        Path segment = data.resolve("journal/0000000000000001.segment");
        Path aside = data.resolve("aside");
        Files.move(segment, aside);
        Files.createSymbolicLink(segment, segment); // fails to open as a lack of file descriptors does, and not as lost
        assertThatThrownBy(() -> keys(ONE, 0)).isInstanceOf(StoreUnavailableException.class);
        Files.delete(segment);
        Files.move(aside, segment);

        assertThat(keys(ONE, 0)).containsExactly("a", "b");
        assertThat(rooms.ledger.of(ONE).discarded()).isZero();
    }

    @Test
    void whatIsPassedIsSweptInSteps() {
        append(batch(ONE, "a", 1));
        append(batch(ONE, "b", 2));
        append(batch(ONE, "c", 4));
        pass(ONE, spool.next(ONE, 0, 2, 1_000).getLast().position(), 3);

        assertThat(spool.sweep(1)).isTrue();
        assertThat(spool.sweep(1)).isTrue();
        assertThat(spool.sweep(1)).isFalse();
        assertThat(keys(ONE, 0)).containsExactly("c");
    }

    @Test
    void theDiskIsGivenBackAfterABacklog() throws IOException {
        byte[] body = new byte[100_000];
        for (int i = 0; i < 20; i++) {
            SpooledBatch[] batches = new SpooledBatch[20];
            for (int j = 0; j < batches.length; j++) {
                batches[j] = new SpooledBatch(
                        0,
                        ONE,
                        Rooms.sandbox(1),
                        i + "-" + j,
                        Instant.EPOCH,
                        1,
                        10,
                        PayloadLimits.CONTRACT,
                        Encoding.IDENTITY,
                        body);
            }
            append(batches);
        }
        assertThat(size()).isGreaterThan(40_000_000);
        long last = 0;
        for (List<SpooledBatch> next = spool.next(ONE, last, 100, 1 << 20);
                !next.isEmpty();
                next = spool.next(ONE, last, 100, 1 << 20)) {
            last = next.getLast().position();
        }
        assertThat(last).isEqualTo(400);
        pass(ONE, last, 400);
        while (spool.sweep(50)) {
            // Until nothing is left.
        }
        spool.freeBodies();
        assertThat(size()).isLessThan(8_000_000);
    }

    @Test
    void segmentsThatFillWhileOthersAreFreedAreKept() throws InterruptedException {
        int batches = 600;
        byte[] body = new byte[200_000];
        Thread appending = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < batches; i++) {
                append(new SpooledBatch(
                        0,
                        ONE,
                        Rooms.sandbox(2),
                        "k" + i,
                        Instant.EPOCH,
                        1,
                        10,
                        PayloadLimits.CONTRACT,
                        Encoding.IDENTITY,
                        body));
            }
        });
        long last = 0;
        int read = 0;
        while (read < batches) {
            List<SpooledBatch> next = spool.next(ONE, last, 5, 1 << 20);
            if (next.isEmpty()) {
                assertThat(appending.isAlive() || !spool.next(ONE, last, 1, 1).isEmpty())
                        .as("batches are still to come after %d", read)
                        .isTrue();
            } else {
                read += next.size();
                last = next.getLast().position();
                pass(ONE, last, next.size());
                spool.sweep(50);
            }
            spool.freeBodies();
        }
        appending.join();
        assertThat(rooms.ledger.of(ONE).discarded()).isZero();
    }

    /** Fills some segments with what is passed and swept, but for a little in each. */
    private void leaveALittleInManySegments() {
        byte[] body = new byte[300_000];
        for (int i = 0; i < 30; i++) {
            append(
                    batch(TWO, "parked-" + i, 2),
                    new SpooledBatch(
                            0,
                            ONE,
                            Rooms.sandbox(2),
                            "k" + i,
                            Instant.EPOCH,
                            1,
                            10,
                            PayloadLimits.CONTRACT,
                            Encoding.IDENTITY,
                            body));
        }
        pass(ONE, 60, 30);
        while (spool.sweep(50)) {
            // Until nothing of ONE is left.
        }
    }

    @Test
    void noSegmentIsFreedBeforeWhatWasMovedOutOfItIsOnTheDisk() throws IOException {
        close();
        GateDisk disk = new GateDisk();
        rooms = new Rooms(data, InstantSource.system(), Rooms.SETTINGS, disk);
        spool = rooms.spool;
        leaveALittleInManySegments();
        Set<Long> before = rooms.store.sealedSegments();
        disk.broken(true);
        assertThatThrownBy(spool::freeBodies).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(spool::freeBodies).isInstanceOf(StoreUnavailableException.class);
        assertThat(rooms.store.sealedSegments()).isEqualTo(before);
        disk.broken(false);
        spool.freeBodies();
        assertThat(rooms.store.sealedSegments()).hasSizeLessThan(before.size());
        assertThat(keys(TWO, 0)).hasSize(30);
    }

    @Test
    void whatIsLeftOfManySegmentsIsMovedOutOfThemAndReadAllTheSame() throws IOException {
        leaveALittleInManySegments();
        long before = size();
        spool.freeBodies();
        spool.freeBodies();
        assertThat(size()).isLessThan(before - 4_000_000);
        assertThat(keys(TWO, 0)).hasSize(30).startsWith("parked-0", "parked-1");
        assertThat(rooms.ledger.of(TWO).waiting()).isEqualTo(60);
        close();
        open();
        assertThat(keys(TWO, 0)).hasSize(30);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    private long size() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
