package org.svos.telemetry.loader.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.event.Kind;
import org.svos.telemetry.event.Reading;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.ledger.LocalRefusal;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.record.Records;
import org.svos.telemetry.loader.record.Text;
import org.svos.telemetry.loader.record.WallClock;
import org.svos.telemetry.loader.spool.NewBatch;
import org.svos.telemetry.loader.spool.Part;
import org.svos.telemetry.loader.spool.Round;
import org.svos.telemetry.loader.spool.SpooledBatch;

/** Bodies as the gateway's own reader reads them. */
class BatchesTest {

    private static final Host HOST = new Host("h1", "lab \"17\"", "boot", "6.1.0", "1.0.0");
    private static final String OTHER = "ffffffff-1111-2222-3333-444444444444";
    private static final long BOOTED = Instant.parse("2026-11-22T09:31:00Z").getEpochSecond() * 1_000_000_000L;

    private final WallClock clock = new WallClock();
    private final Batches batches = new Batches(HOST, 1000, 256 * 1024, clock);
    private long number;

    BatchesTest() {
        clock.pair(0, BOOTED);
    }

    private record Body(BatchSummary summary, List<Event> events) {}

    private void take(Records record) {
        ByteBuffer memory = record.numbered(0, ++number).memory();
        batches.take(memory, 0, memory.capacity());
    }

    private static Body read(NewBatch batch) {
        return read(Zstd.decompress(batch.body(), batch.bytes()));
    }

    private static Body read(byte[] body) {
        List<Event> events = new ArrayList<>();
        try {
            Reading reading = new BatchReader(BatchLimits.CONTRACT)
                    .read(new ByteArrayInputStream(body), (index, event) -> events.add(event));
            assertThat(reading).as(new String(body, StandardCharsets.UTF_8)).isInstanceOf(Reading.Read.class);
            return new Body(((Reading.Read) reading).summary(), events);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTextThatWasCutIsNamedInItsEventAndCounted() {
        take(Records.message().cut(Text.PAYLOAD));
        take(Records.of(Hook.REGISTER).name("hello").cut(Text.NAME, Text.VERSION));
        take(Records.message());
        take(Records.message().sandbox("s".repeat(63)).cut(Text.SANDBOX));

        NewBatch batch = batches.round().batches().getFirst();
        assertThat(new String(Zstd.decompress(batch.body(), batch.bytes()), StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        head -> assertThat(head).contains("host"),
                        message -> assertThat(message).contains("\"truncated\":[\"payload\"]}"),
                        register -> assertThat(register).contains("\"truncated\":[\"name\",\"version\"]}"),
                        whole -> assertThat(whole).doesNotContain("truncated"),
                        tail -> assertThat(tail).contains("lost"));
        assertThat(read(batch).events()).hasSize(3);
        for (Text text : Text.values()) {
            assertThat(batches.truncated(text)).as(text.label()).isOne();
        }
    }

    @Test
    void theSeedsExampleBecomesTheContractsBody() {
        take(Records.of(Hook.REGISTER).name("hello").text("1.0.0"));
        take(Records.of(Hook.SESSION_BEGIN).name("startup").text((byte[]) null));
        take(Records.message().at(123_456_789).name("loaded").text("{ hello_world: false }"));
        take(Records.of(Hook.SESSION_END).name((byte[]) null).text((byte[]) null));
        take(Records.of(Hook.UNREGISTER).name((byte[]) null).text((byte[]) null));
        batches.lost(new HostLoss(1, 2, 3, 4, 5));

        Round round = batches.round();

        assertThat(round.taken()).isEqualTo(5);
        NewBatch batch = round.batches().getFirst();
        assertThat(batch.sandbox().value()).isEqualTo("00000000-1111-2222-3333-444444444444");
        assertThat(batch.events()).isEqualTo(5);
        assertThat(batch.nextSeq()).isEqualTo(6);
        Body body = read(batch);
        assertThat(body.summary().host()).isEqualTo(HOST);
        assertThat(body.summary().lost()).isEqualTo(new HostLoss(1, 2, 3, 4, 5));
        assertThat(body.summary().rejected()).isEmpty();
        assertThat(body.events()).extracting(Event::seq).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(body.events())
                .extracting(Event::kind)
                .containsExactly(Kind.REGISTER, Kind.SESSION_BEGIN, Kind.MESSAGE, Kind.SESSION_END, Kind.UNREGISTER);
        assertThat(body.events()).extracting(Event::name).containsExactly("hello", "startup", "loaded", null, null);
        assertThat(body.events().getFirst().version()).isEqualTo("1.0.0");
        Event message = body.events().get(2);
        assertThat(message.time()).isEqualTo(Instant.parse("2026-11-22T09:31:00.123456789Z"));
        assertThat(message.bootTimeNs()).isEqualTo(123_456_789L);
        assertThat(message.cpu()).isZero();
        assertThat(message.pid()).isEqualTo(412);
        assertThat(message.comm()).isEqualTo("test");
        assertThat(message.payload()).isEqualTo("{\"hello_world\":false}");
    }

    @Test
    void sandboxesAreKeptApartAndNumberedEachByItself() {
        take(Records.message());
        take(Records.message().sandbox(OTHER));
        take(Records.message().sandbox(OTHER.toUpperCase(Locale.ROOT)));

        Round round = batches.round();

        assertThat(round.batches())
                .extracting(batch -> batch.sandbox().value())
                .containsExactly("00000000-1111-2222-3333-444444444444", OTHER);
        assertThat(read(round.batches().getLast()).events())
                .extracting(Event::seq)
                .containsExactly(1L, 2L);
    }

    @Test
    void aSandboxGoesOnWithItsNumbers() {
        batches.resume(new SandboxId(OTHER), 42);
        take(Records.message().sandbox(OTHER));
        batches.round();
        batches.committed();
        take(Records.message().sandbox(OTHER));

        Round round = batches.round();

        assertThat(read(round.batches().getFirst()).events())
                .extracting(Event::seq)
                .containsExactly(43L);
        assertThat(round.batches().getFirst().nextSeq()).isEqualTo(44);
    }

    @Test
    void aRoundThatCouldNotBeCommittedIsTheSameAgain() {
        take(Records.message());
        Round first = batches.round();

        assertThat(batches.round()).isEqualTo(first);
    }

    @Test
    void aFullBatchIsClosedAndTheSandboxBeginsAnother() {
        Batches small = new Batches(HOST, 2, 256 * 1024, clock);
        for (int i = 1; i <= 5; i++) {
            ByteBuffer memory = Records.message().numbered(0, i).memory();
            small.take(memory, 0, memory.capacity());
        }

        assertThat(small.round().batches()).extracting(NewBatch::events).containsExactly(2, 2, 1);
    }

    @Test
    void whatBelongsToNoSandboxIsCountedByItsReason() {
        take(Records.message().sandbox("not-a-sandbox"));
        take(Records.message().sandbox(null));
        batches.take(ByteBuffer.allocate(20), 0, 20);

        Round round = batches.round();

        assertThat(round.batches()).isEmpty();
        assertThat(round.taken()).isEqualTo(3);
        assertThat(round.refused())
                .containsEntry(LocalRefusal.INVALID_SANDBOX_ID, 2L)
                .containsEntry(LocalRefusal.MALFORMED_RECORD, 1L);
    }

    @Test
    void aRecordThatComesAgainIsTakenOnce() {
        take(Records.message());
        number--;
        take(Records.message());

        assertThat(batches.round().taken()).isEqualTo(1);
        assertThat(batches.doubles()).isEqualTo(1);
    }

    @Property
    void whateverTheStringsAreTheBodyIsReadableAndHoldsThem(
            @ForAll @Size(max = 60) byte[] name,
            @ForAll @Size(max = 300) byte[] text,
            @ForAll @Size(max = 16) byte[] comm) {
        Batches fresh = new Batches(HOST, 1000, 256 * 1024, clock);
        ByteBuffer memory = Records.message().name(name).text(text).comm(comm).memory();
        fresh.take(memory, 0, memory.capacity());
        fresh.take(
                Records.message().numbered(0, 2).memory(), 0, Records.message().bytes().length);

        Body body = read(fresh.round().batches().getFirst());

        assertThat(body.events()).hasSize(2);
        assertThat(body.events().getFirst().name()).isEqualTo(text(name));
    }

    /** No string of the kernel's holds a NUL; the gateway replaces one, as some of its stores cannot keep it. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }

    @Test
    void nothingIsAllocatedARecord() {
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Batches large = new Batches(HOST, 10_000, 1024 * 1024, clock);
        ByteBuffer memory = Records.message().memory();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                memory.putLong(Long.BYTES, ++number);
                large.take(memory, 0, memory.capacity());
            }
            least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
            large.round();
            large.committed();
        }

        assertThat(least).as("bytes of 1,000 records").isLessThan(1_000);
    }

    @Test
    void aBodyIsCutIntoHalvesThatHoldItsEventsInOrder() {
        for (int i = 0; i < 7; i++) {
            take(Records.message().text("line\nfeed, \"],\n" + i));
        }
        NewBatch batch = batches.round().batches().getFirst();

        List<Part> halves =
                new SpooledBatch(1, "boot", batch.sandbox(), batch.key(), 7, batch.bytes(), batch.body()).halves();

        Body first = read(halves.getFirst());
        Body rest = read(halves.getLast());
        assertThat(halves).extracting(Part::events).containsExactly(3, 4);
        assertThat(first.events()).extracting(Event::seq).containsExactly(1L, 2L, 3L);
        assertThat(rest.events()).extracting(Event::seq).containsExactly(4L, 5L, 6L, 7L);
        assertThat(rest.summary().host()).isEqualTo(HOST);
        assertThat(rest.summary().lost()).isNotNull();
    }

    private static Body read(Part part) {
        return read(Zstd.decompress(part.body(), part.bytes()));
    }
}
