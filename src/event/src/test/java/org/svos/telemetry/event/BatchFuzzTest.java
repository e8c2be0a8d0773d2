package org.svos.telemetry.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.event.Reading.Malformed;
import org.svos.telemetry.event.Reading.Read;
import org.svos.telemetry.event.Reading.TooManyEvents;

/** Whatever bytes come as a body, intake and forwarder find the same in them, and it is within the limits. */
class BatchFuzzTest {

    /** Small enough that inputs of some hundred bytes reach each of them. */
    private static final BatchLimits SMALL = new BatchLimits(4, 12, new PayloadLimits(48, 4), 12);

    private static final int MOST_FOR_A_FAULT = 2_000;

    @DictionaryFile(resourcePath = "batch.dict")
    @FuzzTest
    void everyBodyIsReadAlikeByIntakeAndForwarder(byte[] body) throws IOException {
        check(body, BatchLimits.CONTRACT);
        check(body, SMALL);
    }

    private static void check(byte[] body, BatchLimits limits) throws IOException {
        BatchReader reader = new BatchReader(limits);
        List<Event> events = new ArrayList<>();
        Reading forward = reader.read(new ByteArrayInputStream(body), (_, event) -> events.add(event));
        Reading intake = reader.read(new ByteArrayInputStream(body), null);
        Reading inDrops = reader.read(new Drops(body), null);

        assertThat(intake).isEqualTo(forward);
        assertThat(inDrops).hasSameClassAs(intake);
        switch (intake) {
            case Malformed fault -> {
                assertThat(fault.detail()).isNotBlank().hasSizeLessThan(MOST_FOR_A_FAULT);
                assertThat(new String(fault.detail().getBytes(UTF_8), UTF_8)).isEqualTo(fault.detail());
                assertThat(fault.line() == null).isEqualTo(fault.column() == null);
            }
            case TooManyEvents(int limit, int actual) -> assertThat(actual).isGreaterThan(limit);
            case Read(BatchSummary summary) -> {
                assertThat(inDrops).isEqualTo(intake);
                assertThat(isUtf8(body)).isTrue();
                checkSummary(summary, events, limits);
                events.forEach(event -> checkEvent(event, summary, limits));
            }
        }
    }

    private static void checkSummary(BatchSummary summary, List<Event> events, BatchLimits limits) {
        assertThat(summary.valid()).isPositive().isEqualTo(events.size());
        assertThat(summary.events()).isLessThanOrEqualTo(limits.maxEvents());
        assertThat(summary.sequenced()).isBetween(summary.valid(), summary.events());
        assertThat(summary.rejected())
                .extracting(Rejection::index)
                .isSorted()
                .doesNotHaveDuplicates()
                .allSatisfy(index -> assertThat(index).isBetween(0, summary.events() - 1));
    }

    private static void checkEvent(Event event, BatchSummary summary, BatchLimits limits) {
        assertThat(event.seq()).isPositive().isBetween(summary.firstSeq(), summary.lastSeq());
        for (String text : new String[] {event.name(), event.version(), event.comm()}) {
            if (text != null) {
                assertThat(text.codePointCount(0, text.length())).isLessThanOrEqualTo(limits.maxNameChars());
                assertThat(new String(text.getBytes(UTF_8), UTF_8))
                        .isEqualTo(text)
                        .doesNotContain("\0");
            }
        }
        assertThat(event.payload() != null).isEqualTo(event.kind() == Kind.MESSAGE);
        if (event.payload() != null) {
            StrictJson payload = StrictJson.read(event.payload());
            assertThat(payload.isObject()).as(event.payload()).isTrue();
            assertThat(payload.depth()).isLessThanOrEqualTo(limits.payload().maxDepth());
            assertThat(Payload.normalise(event.payload())).isEqualTo(event.payload());
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** A body that comes a byte at a time. */
    private static final class Drops extends ByteArrayInputStream {

        Drops(byte[] body) {
            super(body);
        }

        @Override
        public synchronized int read(byte[] buffer, int offset, int length) {
            return super.read(buffer, offset, Math.min(length, 1));
        }
    }
}
