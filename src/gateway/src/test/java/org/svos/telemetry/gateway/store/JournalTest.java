package org.svos.telemetry.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal's files: what a crash, a failed sync or damage leaves of them, and what is made of that. */
class JournalTest {

    private static final long SEGMENT = 64 << 10;

    @TempDir
    Path folder;

    private final FailingDisk disk = new FailingDisk();
    private Journal journal;
    private List<Frame> recovered;

    @BeforeEach
    void open() throws IOException {
        open(0);
    }

    private void open(long applied) throws IOException {
        journal = new Journal(folder, SEGMENT, disk);
        recovered = new ArrayList<>();
        journal.recover(applied, recovered::add);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private void reopen(long applied) throws IOException {
        close();
        open(applied);
    }

    private static Changes changes(String name, int bytes) {
        Changes changes = new Changes(1_000);
        long offset = changes.body(body(name, bytes));
        changes.change("insert", name, 7L, null, new byte[] {1, 2}, Changes.Mark.SEGMENT, new Changes.Place(offset));
        return changes;
    }

    private static byte[] body(String name, int bytes) {
        return name.repeat(bytes).substring(0, bytes).getBytes(StandardCharsets.UTF_8);
    }

    private Frame append(String name, int bytes) throws IOException {
        return journal.append(changes(name, bytes));
    }

    private List<Object> names() {
        return recovered.stream()
                .map(frame -> frame.changes().getFirst().values()[0])
                .toList();
    }

    private Path segment(long number) {
        return Segment.file(folder, number);
    }

    private void overwrite(Path file, long at, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            Segment.writeAll(channel, ByteBuffer.wrap(bytes), at);
        }
    }

    @Test
    void whatWasAppendedIsReadAgainAfterACrashInItsOrderWithItsBodies() throws IOException {
        Frame first = append("a", 10);
        Frame second = append("b", 20_000);
        reopen(0);

        assertThat(names()).containsExactly("a", "b");
        assertThat(recovered).extracting(Frame::sequence).containsExactly(1L, 2L);
        assertThat(recovered.get(1).bodies()).isEqualTo(second.bodies());
        assertThat(recovered.getFirst().changes().getFirst().values())
                .containsExactly("a", 7L, null, new byte[] {1, 2}, Changes.Mark.SEGMENT, new Changes.Place(0));
        assertThat(journal.read(first.segment(), first.bodies(), 10)).isEqualTo(body("a", 10));
        assertThat(journal.read(second.segment(), second.bodies(), 20_000)).isEqualTo(body("b", 20_000));
    }

    @Test
    void whatTheFileHasIsNotReadAgainAndTheSequenceGoesOn() throws IOException {
        append("a", 10);
        append("b", 10);
        reopen(1);
        assertThat(names()).containsExactly("b");
        assertThat(append("c", 10).sequence()).isEqualTo(3);
        reopen(3);
        assertThat(names()).isEmpty();
        assertThat(append("d", 10).sequence()).isEqualTo(4);
    }

    @Test
    void aFullSegmentIsFollowedByTheNextAndALargerFrameGetsALargerOne() throws IOException {
        for (int i = 0; i < 10; i++) {
            append("x", 20_000);
        }
        Frame large = append("large", 500_000);
        append("after", 10);
        reopen(0);

        assertThat(names()).hasSize(12);
        assertThat(journal.read(large.segment(), large.bodies(), 500_000)).isEqualTo(body("large", 500_000));
    }

    @Test
    void aFrameThatWasCutOffAtTheEndIsDroppedAndItsPlaceUsedAgain() throws IOException {
        append("a", 10);
        Frame cut = append("cut", 20_000);
        overwrite(segment(1), cut.bodies() + 15_000, new byte[5_000]);
        reopen(0);
        assertThat(names()).containsExactly("a");
        append("b", 30);
        reopen(0);
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void aDamagedBodyBeforeLaterFramesCostsNoOtherAndItsChangesCount() throws IOException {
        append("a", 10);
        Frame damaged = append("damaged", 20_000);
        append("b", 10);
        overwrite(segment(1), damaged.bodies() + 10_000, new byte[] {0});
        reopen(0);

        assertThat(names()).containsExactly("a", "damaged", "b");
        assertThat(append("c", 10).sequence()).isEqualTo(4);
    }

    @Test
    void aFrameThatIsDestroyedBeforeLaterOnesIsSkippedAndTheLaterOnesAreNot() throws IOException {
        append("a", 10);
        Frame destroyed = append("destroyed", 10_000);
        append("b", 10);
        overwrite(segment(1), destroyed.bodies() - 200, new byte[400]);
        reopen(0);

        assertThat(names()).containsExactly("a", "b");
        assertThat(append("c", 10).sequence()).isEqualTo(4);
    }

    @Test
    void aDestroyedEndOfASegmentDoesNotHideTheNextOne() throws IOException {
        append("a", 10);
        Frame destroyed = append("destroyed", 50_000);
        append("b", 20_000);
        overwrite(segment(1), destroyed.bodies() - 200, new byte[400]);
        reopen(0);

        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void aFrameWhoseSyncFailedIsVoidThoughItsBytesAreThere() throws IOException {
        append("a", 10);
        disk.failSyncs = true;
        assertThatThrownBy(() -> append("failed", 10)).isInstanceOf(IOException.class);
        disk.failSyncs = false;
        assertThat(append("b", 10).sequence()).isEqualTo(2);
        reopen(0);

        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void aFrameWhoseSyncFailedIsVoidAlsoWhenTheProcessEndsRightAfter() throws IOException {
        append("a", 10);
        disk.failSyncs = true;
        assertThatThrownBy(() -> append("failed", 10)).isInstanceOf(IOException.class);
        disk.failSyncs = false;
        reopen(0);

        assertThat(names()).containsExactly("a");
        assertThat(append("b", 10).sequence()).isEqualTo(2);
    }

    @Test
    void theLastFrameIsSyncedOnceMoreBeforeAnybodyIsToldOfIt() throws IOException {
        append("a", 10);
        append("b", 10);
        close();
        disk.failSyncs = true;
        recovered = new ArrayList<>();
        journal = new Journal(folder, SEGMENT, disk);
        assertThatThrownBy(() -> journal.recover(0, recovered::add)).isInstanceOf(IOException.class);

        assertThat(names()).containsExactly("a");
        disk.failSyncs = false;
        reopen(0);
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void withoutRoomForANextSegmentNothingIsKeptUntilThereIs() throws IOException {
        append("a", 10);
        // Before the segment is so full that the next one is made ahead.
        disk.failFiles = true;
        append("b", 40_000);
        assertThatThrownBy(() -> append("c", 50_000)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> append("c", 50_000)).isInstanceOf(IOException.class);
        disk.failFiles = false;
        append("d", 50_000);
        reopen(0);

        assertThat(names()).containsExactly("a", "b", "d");
    }

    @Test
    void theNextSegmentIsMadeInStepWithTheFillingOfThePresentOneAndIsThereWhenThatIsFull() throws Exception {
        close();
        long megabyte = 1 << 20;
        journal = new Journal(folder, 16 * megabyte, disk);
        journal.recover(0, recovered::add);
        append("to 25 %", (int) (4 * megabyte) - 16_384);
        assertThat(disk.prepared).hasValue(1);
        disk.allowed.begin();

        append("to 50 %", (int) (4 * megabyte));
        // 6.4 MB are due: (50 % - 25 %) / (87.5 % - 25 %) of 16 MB, in parts of 256 KB.
        disk.allowed.await(6 * megabyte + (256 << 10));
        assertThat(disk.allowed.most()).isLessThanOrEqualTo(6 * megabyte + megabyte / 2);
        append("to 90 %", (int) (6 * megabyte) + (int) megabyte / 2);
        disk.allowed.await(16 * megabyte);
        append("the next one's", (int) megabyte);
        assertThat(disk.prepared).hasValue(2);
    }

    @Test
    void aSegmentThatIsFullBeforeTheNextIsMadeWaitsForNoMoreThanItsMaking() throws Exception {
        close();
        long megabyte = 1 << 20;
        journal = new Journal(folder, 16 * megabyte, disk);
        journal.recover(0, recovered::add);
        append("to 20 %", (int) (3 * megabyte));
        disk.allowed.begin();
        append("to 82 %", (int) (10 * megabyte));
        disk.allowed.await(14 * megabyte);
        append("too much for the rest", (int) (3 * megabyte) + (int) megabyte / 2);
        assertThat(disk.prepared).hasValue(2);
        reopen(0);
        assertThat(names()).containsExactly("to 20 %", "to 82 %", "too much for the rest");
    }

    @Test
    void segmentsThatNobodyNeedsAreUsedAgainAndTheRestOfThemIsNoNews() throws IOException {
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 6; i++) {
                append("round-" + round + "-" + i, 20_000);
            }
            journal.free(journal.sealed(), (round + 1) * 6L);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.count()).isLessThanOrEqualTo(4);
        }
        reopen(59);
        assertThat(names()).containsExactly("round-9-5");
    }

    @Test
    void aSegmentIsKeptWhileItsBodiesAreUsedOrTheFileLacksIt() throws IOException {
        Frame first = append("a", 50_000);
        append("b", 50_000);
        append("c", 50_000);
        journal.free(Set.of(), 3);
        assertThat(journal.read(first.segment(), first.bodies(), 1)).isEqualTo(body("a", 1));
        journal.free(journal.sealed(), 0);
        reopen(0);
        assertThat(names()).contains("a", "c");
    }

    @Test
    void aSegmentThatWasSealedSinceSomebodyLookedIsKept() throws IOException {
        append("a", 50_000);
        Frame second = append("b", 50_000);
        Set<Long> looked = journal.sealed();
        append("c", 50_000);
        journal.free(looked, 3);
        assertThat(journal.read(second.segment(), second.bodies(), 1)).isEqualTo(body("b", 1));
        assertThat(journal.sealed()).containsExactly(second.segment());
    }

    @Test
    void theSegmentThatIsAppendedToIsNotFreed() throws IOException {
        Frame frame = append("a", 10);
        journal.free(Set.of(frame.segment()), 1);
        assertThat(journal.read(frame.segment(), frame.bodies(), 10)).isEqualTo(body("a", 10));
    }

    @Test
    void aReaderThatIsInterruptedReadsItsBytesAndStaysInterrupted() throws IOException {
        Frame frame = append("a", 10);
        Thread.currentThread().interrupt();
        assertThat(journal.read(frame.segment(), frame.bodies(), 10)).isEqualTo(body("a", 10));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aBodyThatLooksLikeAFrameIsNone() throws IOException {
        append("a", 10);
        // What a client can know of a frame is all but the salt, which it can only guess.
        long guess = 4_711;
        byte[] forged = new byte[Segment.BLOCK];
        new FrameHead(6, 0, 3, 0).write(ByteBuffer.wrap(forged), guess);
        assertThat(FrameHead.read(ByteBuffer.wrap(forged), guess)).isNotNull();
        Frame torn = append("torn", 10);
        overwrite(segment(1), torn.bodies() / Segment.BLOCK * Segment.BLOCK, new byte[Segment.BLOCK]);
        overwrite(segment(1), torn.bodies() / Segment.BLOCK * Segment.BLOCK + Segment.BLOCK, forged);
        reopen(0);

        assertThat(names()).containsExactly("a");
        assertThat(append("b", 10).sequence()).isEqualTo(2);
    }

    @Test
    void aSegmentWithADamagedHeadIsPutAsideAndTheOthersAreRead() throws IOException {
        append("a", 50_000);
        append("b", 50_000);
        overwrite(segment(1), 10, new byte[] {42});
        reopen(0);

        assertThat(names()).containsExactly("b");
        assertThat(folder.resolve(segment(1).getFileName() + ".damaged")).exists();
    }

    /** The machine's disk, with faults. */
    private static final class FailingDisk implements Disk {

        private volatile boolean failSyncs;
        private volatile boolean failFiles;
        private final AtomicInteger prepared = new AtomicInteger();
        private final Allowed allowed = new Allowed();

        @Override
        public void prepare(Path file, long size, Pace pace) throws IOException {
            if (failFiles) {
                throw new IOException("No space left on device");
            }
            prepared.incrementAndGet();
            allowed.begin();
            Disk.super.prepare(file, size, bytes -> {
                pace.await(bytes);
                allowed.reach(bytes);
            });
        }

        @Override
        public void sync(FileChannel channel) throws IOException {
            Disk.super.sync(channel);
            if (failSyncs) {
                throw new IOException("Input/output error");
            }
        }
    }

    /** How much of the file that was begun last was allowed to be written. */
    private static final class Allowed {

        private long most;

        synchronized void begin() {
            most = 0;
        }

        synchronized void reach(long bytes) {
            most = bytes;
            notifyAll();
        }

        synchronized long most() {
            return most;
        }

        synchronized void await(long bytes) throws InterruptedException {
            while (most < bytes) {
                wait();
            }
        }
    }
}
