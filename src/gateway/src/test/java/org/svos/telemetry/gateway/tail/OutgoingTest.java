package org.svos.telemetry.gateway.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is told to other gateways, without a store. */
class OutgoingTest {

    private final AtomicLong bytes = new AtomicLong();
    private final Outgoing outgoing = new Outgoing(bytes);

    private static Frame frame(int number, int length) {
        return new Frame(
                "message",
                number % 2 == 0 ? null : "n\u00e4me",
                number % 3 == 0 ? null : "h1",
                (number + "x".repeat(length)).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void eventsAndTheirCountComeBackAsTheyWere() {
        outgoing.append(List.of(frame(1, 10), frame(2, 0)));
        outgoing.skip(5);
        outgoing.append(List.of(frame(3, 7)));
        outgoing.skip(2);

        List<Part> parts = outgoing.drain();

        assertThat(parts).extracting(Part::before).containsExactly(0L, 7L, 10L);
        for (Part part : parts) {
            Part read = Part.decoded(part.before(), part.frames().size(), part.encoded());
            assertThat(read.end()).isEqualTo(part.end());
            for (int i = 0; i < part.frames().size(); i++) {
                Frame was = part.frames().get(i);
                Frame is = read.frames().get(i);
                assertThat(is.text()).isEqualTo(was.text());
                assertThat(List.of(String.valueOf(is.kind()), String.valueOf(is.name()), String.valueOf(is.host())))
                        .isEqualTo(List.of(
                                String.valueOf(was.kind()), String.valueOf(was.name()), String.valueOf(was.host())));
            }
        }
        assertThat(parts.getLast().end()).isEqualTo(10);
        assertThat(outgoing.drain()).isEmpty();
    }

    @Test
    void aStormIsHeldToItsRoomAndCounted() {
        Outgoing other = new Outgoing(bytes);
        for (int i = 0; i < 1_000; i++) {
            outgoing.append(List.of(frame(i, 10_000)));
        }
        assertThat(bytes.get()).isBetween(200_000L, 256L << 10);
        other.append(List.of(frame(1, 10)));

        List<Part> parts = outgoing.drain();

        assertThat(parts.getFirst().frames()).hasSizeBetween(20, 26);
        assertThat(parts.getLast().end()).isEqualTo(1_000);
        assertThat(other.drain()).hasSize(1);
        assertThat(bytes.get()).isZero();
        outgoing.append(List.of(frame(1, 10)));
        assertThat(outgoing.drain()).extracting(Part::before).containsExactly(1_000L);
    }

    @Test
    void allTogetherHaveABoundToo() {
        List<Outgoing> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Outgoing one = new Outgoing(bytes);
            all.add(one);
            for (int j = 0; j < 10; j++) {
                one.append(List.of(frame(j, 20_000)));
            }
        }
        assertThat(bytes.get()).isLessThanOrEqualTo(2 << 20);
        assertThat(all)
                .allSatisfy(one -> assertThat(one.drain().getLast().end()).isEqualTo(10));
        assertThat(bytes.get()).isZero();
    }
}
