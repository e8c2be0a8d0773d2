package org.svos.telemetry.loader.spool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.ledger.LocalRefusal;
import org.svos.telemetry.loader.ledger.Settled;
import org.svos.telemetry.loader.ledger.Withheld;
import org.svos.telemetry.loader.record.Hook;

class SpoolTest {

    private static final SandboxId ONE = new SandboxId("00000000-1111-2222-3333-444444444444");
    private static final SandboxId TWO = new SandboxId("ffffffff-1111-2222-3333-444444444444");

    private static final Settled NOTHING = new Settled(0, 0, Map.of(), Map.of(), 0, 0, 0);

    @TempDir
    Path folder;

    private Spool spool;
    private int keys;

    @BeforeEach
    void open() throws SpoolFault {
        spool = Spool.open(file(), "boot-1", Bounds.ofBytes(10_000));
    }

    @AfterEach
    void close() throws SpoolFault {
        spool.close();
    }

    private Path file() {
        return folder.resolve("spool.db");
    }

    private void reopen(String boot) throws SpoolFault {
        spool.close();
        spool = Spool.open(file(), boot, Bounds.ofBytes(10_000));
    }

    private NewBatch batch(SandboxId sandbox, int events, long nextSeq) {
        return batch(sandbox, events, nextSeq, 100);
    }

    private NewBatch batch(SandboxId sandbox, int events, long nextSeq, int bodyBytes) {
        return new NewBatch(sandbox, "key-" + ++keys, events, 1000, new byte[bodyBytes], nextSeq);
    }

    private static Round round(NewBatch... batches) {
        long taken = Stream.of(batches).mapToLong(NewBatch::events).sum();
        return new Round(List.of(batches), taken, Map.of(), Map.of());
    }

    private static KernelCounts captured(long events) {
        Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
        counts.put(Hook.MESSAGE, new HookCounts(events, events, 0, 0, 0, 0));
        return new KernelCounts(counts);
    }

    private SpooledBatch next(SandboxId sandbox) throws SpoolFault {
        return requireNonNull(spool.next(sandbox));
    }

    @Test
    void aSandboxesBatchesComeOutInTheOrderInWhichTheyWentIn() throws SpoolFault {
        spool.commit(round(batch(ONE, 2, 3), batch(TWO, 1, 2), batch(ONE, 3, 6)), captured(6), new RingMark(7, 0));

        assertThat(spool.waiting()).containsExactlyInAnyOrder(ONE, TWO);
        assertThat(next(ONE).key()).isEqualTo("key-1");
        spool.accepted(next(ONE), 2, Map.of());
        assertThat(next(ONE).key()).isEqualTo("key-3");
        spool.accepted(next(ONE), 3, Map.of());
        assertThat(spool.next(ONE)).isNull();
        assertThat(spool.waiting()).containsExactly(TWO);
    }

    @Test
    void whatIsCountedAddsUp() throws SpoolFault {
        Round round = new Round(
                List.of(batch(ONE, 10, 11), batch(TWO, 1, 2)),
                18,
                Map.of(LocalRefusal.INVALID_SANDBOX_ID, 3L),
                Map.of(Withheld.SANDBOX, 4L));
        spool.commit(round, captured(20), new RingMark(7, 0));
        spool.accepted(next(ONE), 8, Map.of("too-long", 2L));
        spool.quarantine(next(TWO), "malformed-body", "400");

        Settled settled = spool.settled();

        assertThat(settled.taken()).isEqualTo(18);
        assertThat(settled.accepted()).isEqualTo(8);
        assertThat(settled.rejected())
                .containsOnly(
                        Map.entry("too-long", 2L),
                        Map.entry("malformed-body", 1L),
                        Map.entry("invalid-sandbox-id", 3L));
        Balance balance = new Balance(captured(20), settled);
        assertThat(settled.withheld()).containsOnly(Map.entry("sandbox", 4L));
        assertThat(balance.waiting()).isEqualTo(2);
        assertThat(balance.lost()).isZero();
        assertThat(balance.imbalance()).isZero();
        assertThat(balance.line())
                .isEqualTo("ledger: seen 20, captured 20, accepted 8, rejected 6, waiting 2, lost 0, withheld 4");
    }

    @Test
    void everythingIsThereAgainAfterARestart() throws SpoolFault {
        spool.commit(round(batch(ONE, 5, 6), batch(ONE, 2, 8)), captured(7), new RingMark(7, 0));
        spool.accepted(next(ONE), 5, Map.of());
        Settled before = spool.settled();
        long bytes = spool.bytes();

        reopen("boot-1");

        assertThat(spool.settled()).isEqualTo(before);
        assertThat(spool.bytes()).isEqualTo(bytes);
        assertThat(spool.events()).isEqualTo(2);
        assertThat(spool.nextSeqs()).containsEntry(ONE, 8L);
        assertThat(spool.kernelCounts().of(Hook.MESSAGE).captured()).isEqualTo(7);
        assertThat(next(ONE).key()).isEqualTo("key-2");
    }

    @Test
    void anotherBootHasItsOwnNumbersAndLedgerAndStillSendsWhatWaited() throws SpoolFault {
        spool.commit(round(batch(ONE, 5, 6)), captured(5), new RingMark(7, 0));

        reopen("boot-2");

        assertThat(spool.nextSeqs()).isEmpty();
        assertThat(spool.settled()).isEqualTo(NOTHING);
        assertThat(spool.events()).isEqualTo(5);
        SpooledBatch old = next(ONE);
        assertThat(old.boot()).isEqualTo("boot-1");
        spool.accepted(old, 5, Map.of());
        assertThat(spool.settled()).isEqualTo(NOTHING);
    }

    @Test
    void whatAKilledLoaderHadCapturedAndNotReadIsCountedOnce() throws SpoolFault {
        spool.commit(round(batch(ONE, 5, 6)), captured(9), new RingMark(7, 0));

        reopen("boot-1");

        assertThat(spool.beginRing(8)).isEqualTo(4);
        assertThat(spool.beginRing(9)).isZero();
        Balance balance = new Balance(spool.kernelCounts(), spool.settled());
        assertThat(balance.lost()).isEqualTo(4);
        assertThat(balance.imbalance()).isZero();
    }

    @Test
    void aRingThatIsThereAgainIsGoneOnWithWhereItsLastRoundEnded() throws SpoolFault {
        assertThat(spool.ring()).isNull();
        spool.beginRing(7);
        spool.commit(round(batch(ONE, 5, 6)), captured(9), new RingMark(7, 640));

        reopen("boot-1");

        assertThat(spool.ring()).isEqualTo(new RingMark(7, 640));
        assertThat(spool.earlierCounts().total().captured()).isZero();
        reopen("boot-2");
        assertThat(spool.ring()).isNull();
    }

    @Test
    void theCountsOfRingsThatAreGoneAreKeptBesideThoseOfTheNextOne() throws SpoolFault {
        spool.beginRing(7);
        spool.commit(round(batch(ONE, 5, 6)), captured(5), new RingMark(7, 640));
        spool.beginRing(8);
        spool.commit(round(batch(ONE, 2, 8)), captured(2), new RingMark(8, 128));
        spool.beginRing(9);
        spool.commit(round(batch(ONE, 1, 9)), captured(1), new RingMark(9, 64));

        assertThat(spool.earlierCounts().of(Hook.MESSAGE).captured()).isEqualTo(7);
        assertThat(spool.kernelCounts().of(Hook.MESSAGE).captured()).isEqualTo(8);
    }

    @Test
    void aFullSpoolEvictsTheOldestAndCountsThem() throws SpoolFault {
        spool.commit(round(batch(ONE, 1, 2, 4_000)), captured(1), new RingMark(7, 0));
        spool.commit(round(batch(TWO, 2, 3, 4_000)), captured(3), new RingMark(7, 0));
        spool.commit(round(batch(ONE, 3, 5, 4_000)), captured(6), new RingMark(7, 0));

        assertThat(spool.bytes()).isEqualTo(8_000);
        assertThat(next(ONE).key()).isEqualTo("key-3");
        assertThat(spool.settled().spoolEvicted()).isEqualTo(1);
        assertThat(new Balance(captured(6), spool.settled()).imbalance()).isZero();
    }

    @Test
    void aBatchThatIsUnderWayIsNotEvicted() throws SpoolFault {
        spool.commit(round(batch(ONE, 1, 2, 4_000)), captured(1), new RingMark(7, 0));
        spool.commit(round(batch(TWO, 2, 3, 4_000)), captured(3), new RingMark(7, 0));
        SpooledBatch underWay = next(ONE);

        spool.commit(round(batch(ONE, 3, 5, 4_000)), captured(6), new RingMark(7, 0));

        assertThat(spool.settled().spoolEvicted()).isEqualTo(2);
        spool.accepted(underWay, 1, Map.of());
        spool.leave(underWay);
        assertThat(new Balance(captured(6), spool.settled()).imbalance()).isZero();
    }

    @Test
    void thePartsOfABatchStandInItsPlace() throws SpoolFault {
        spool.commit(round(batch(ONE, 4, 5), batch(ONE, 1, 6)), captured(5), new RingMark(7, 0));
        spool.replace(next(ONE), List.of(part("a", 2), part("b", 2)));
        spool.replace(next(ONE), List.of(part("aa", 1), part("ab", 1)));
        List<String> order = new ArrayList<>();
        for (SpooledBatch batch = next(ONE); batch != null; batch = spool.next(ONE)) {
            order.add(batch.key());
            spool.accepted(batch, batch.events(), Map.of());
        }

        assertThat(order).containsExactly("aa", "ab", "b", "key-2");
        assertThat(new Balance(captured(5), spool.settled()).imbalance()).isZero();
    }

    private static Part part(String key, int events) {
        return new Part(key, events, 10, new byte[50]);
    }

    @Test
    void theFileShrinksAgainAfterABacklog() throws SpoolFault, IOException {
        Spool large = Spool.open(folder.resolve("large.db"), "boot-1", Bounds.ofBytes(100_000_000));
        for (int i = 0; i < 100; i++) {
            large.commit(round(batch(ONE, 1, i + 2, 20_000)), captured(i + 1), new RingMark(7, 0));
        }
        for (SpooledBatch batch = large.next(ONE); batch != null; batch = large.next(ONE)) {
            large.accepted(batch, 1, Map.of());
        }
        large.close();

        assertThat(Files.size(folder.resolve("large.db"))).isLessThan(200_000);
    }

    @Test
    void aTornFileIsSetAsideAndANewOneBegun() throws SpoolFault, IOException {
        spool.close();
        Files.writeString(file(), "this is no database, whatever it was before");

        reopenTorn();

        spool.commit(round(batch(ONE, 1, 2)), captured(1), new RingMark(7, 0));
        assertThat(spool.events()).isEqualTo(1);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::toString)).anyMatch(name -> name.contains("spool.db.torn-"));
        }
    }

    private void reopenTorn() throws SpoolFault {
        spool = Spool.open(file(), "boot-1", Bounds.ofBytes(10_000));
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() {
        Path impossible = Path.of("/proc/nowhere/spool.db");

        assertThatThrownBy(() -> Spool.open(impossible, "boot-1", Bounds.ofBytes(1)))
                .isInstanceOf(SpoolFault.class)
                .hasMessageContaining("/proc/nowhere");
    }
}
