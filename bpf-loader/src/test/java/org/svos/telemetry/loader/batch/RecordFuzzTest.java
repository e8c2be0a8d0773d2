package org.svos.telemetry.loader.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.Reading;
import org.svos.telemetry.loader.record.RecordView;
import org.svos.telemetry.loader.record.WallClock;
import org.svos.telemetry.loader.spool.NewBatch;
import org.svos.telemetry.loader.spool.Round;

/**
 * Whatever bytes a record has, it is an event in a body that the gateway can read, or refused and counted; and no string leaves
 * the record, though its bytes change after its lengths were looked at.
 */
class RecordFuzzTest {

    private static final Host HOST = new Host("h1", "lab \"17\"", "boot-1", "6.1.0", "1.0.0");

    /** The longest record, and as much again for what only claims to be one. */
    private static final int LONGEST = 2 * 4472;

    /** Most bytes of JSON that a record may become: six for each of its own, and the fixed parts of event and body. */
    private static final long MOST_WRITTEN = 6L * LONGEST + 2000;

    private final WallClock clock = new WallClock();

    RecordFuzzTest() {
        clock.pair(1_000_000_000L, 1_800_000_000_000_000_000L);
    }

    @FuzzTest
    void everyRecordBecomesAnEventOrIsRefused(FuzzedDataProvider input) throws IOException {
        Batches batches = new Batches(HOST, 5, 64 * 1024, clock);
        RecordView view = new RecordView();
        int records = input.consumeInt(1, 8);
        for (int i = 0; i < records; i++) {
            byte[] bytes = record(input);
            ByteBuffer memory = ByteBuffer.allocateDirect(16 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
            memory.put(16, bytes);
            batches.take(memory, 16, bytes.length);
            staysWithin(view, memory, bytes.length, input);
        }
        Round round = batches.round();
        long events = 0;
        for (NewBatch batch : round.batches()) {
            events += batch.events();
            assertThat((long) batch.bytes()).isLessThan(MOST_WRITTEN * (batch.events() + 1));
            requireReadable(batch);
        }
        long refused =
                round.refused().values().stream().mapToLong(Long::longValue).sum();
        assertThat(events + refused).isEqualTo(round.taken());
        assertThat(round.taken() + batches.doubles()).isEqualTo(records);
        batches.close();
    }

    /** Bytes as they come, or with lengths that fit: a fuzzer seldom finds those by itself. */
    private static byte[] record(FuzzedDataProvider input) {
        if (input.consumeBoolean()) {
            return input.consumeBytes(input.consumeInt(0, LONGEST));
        }
        byte[] sandbox = input.consumeBoolean()
                ? "00000000-1111-2222-3333-444444444444\0".getBytes(StandardCharsets.US_ASCII)
                : input.consumeBytes(input.consumeInt(0, 64));
        byte[] name = input.consumeBytes(input.consumeInt(0, 256));
        byte[] text = input.consumeBytes(input.consumeInt(0, 4096));
        ByteBuffer record = ByteBuffer.allocate(56 + sandbox.length + name.length + text.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(input.consumeLong())
                .putLong(input.consumeLong())
                .putInt(input.consumeInt())
                .putInt(input.consumeInt())
                .putInt(input.consumeInt())
                .put(input.consumeByte((byte) 0, (byte) 6))
                .put(input.consumeByte())
                .putShort((short) sandbox.length)
                .putShort((short) name.length)
                .putShort((short) text.length);
        record.position(40);
        record.put(input.consumeBytes(16));
        record.position(56);
        return record.put(sandbox).put(name).put(text).array();
    }

    private static void staysWithin(RecordView view, ByteBuffer memory, int length, FuzzedDataProvider input) {
        if (!view.wrap(memory, 16, length)) {
            return;
        }
        byte[] later = input.consumeBytes(length);
        memory.put(16, later, 0, later.length);
        assertThat(view.sandboxOffset()).isEqualTo(16 + 56);
        assertThat(view.nameOffset()).isBetween(view.sandboxOffset(), 16 + length);
        assertThat(view.textOffset()).isBetween(view.nameOffset(), 16 + length);
        assertThat(view.textOffset() + Math.max(0, view.textLength())).isLessThanOrEqualTo(16 + length);
        assertThat(view.nameOffset() + Math.max(0, view.nameLength())).isLessThanOrEqualTo(16 + length);
        assertThat(view.commLength()).isBetween(0, 16);
    }

    private static void requireReadable(NewBatch batch) throws IOException {
        byte[] body = Zstd.decompress(batch.body(), batch.bytes());
        int[] events = new int[1];
        Reading reading = new BatchReader(BatchLimits.CONTRACT)
                .read(new ByteArrayInputStream(body), (index, event) -> events[0]++);
        switch (reading) {
            case Reading.Read read -> {
                assertThat(read.summary().events()).isEqualTo(batch.events());
                assertThat(events[0]).isEqualTo(read.summary().valid());
            }
            // A batch, but each of its events lacks a name, or has one that is too long.
            case Reading.Malformed none -> assertThat(none.detail()).startsWith("no event is valid");
            case Reading.TooManyEvents many -> throw new AssertionError(many);
        }
    }
}
