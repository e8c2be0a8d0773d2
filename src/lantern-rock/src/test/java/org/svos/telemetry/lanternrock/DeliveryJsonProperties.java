package org.svos.telemetry.lanternrock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/** What is kept of a delivery is all of it. */
class DeliveryJsonProperties {

    @Property
    void whatWasWrittenIsReadBackAsItWas(@ForAll("deliveries") Delivery delivery) {
        assertThat(DeliveryJson.read(delivery.database(), delivery.idempotencyKey(), DeliveryJson.write(delivery)))
                .isEqualTo(delivery);
    }

    @Property
    void timesAreSpelledAsTheJdkDoes(@ForAll("instants") List<Instant> times) {
        var text = new InstantText();
        for (Instant time : times) {
            int length = text.write(time);
            assertThat(new String(text.chars(), 0, length)).isEqualTo(time.toString());
        }
    }

    @Provide
    Arbitrary<List<Instant>> instants() {
        Arbitrary<Long> seconds = Arbitraries.oneOf(
                Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                // The years from 0 to 9999, and their edges.
                Arbitraries.longs().between(-62_167_219_202L, -62_167_219_198L),
                Arbitraries.longs().between(253_402_300_797L, 253_402_300_801L),
                Arbitraries.longs().between(1_700_000_000L, 1_900_000_000L));
        Arbitrary<Integer> nanos = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 999_999_999),
                Arbitraries.integers().between(0, 999_999).map(micros -> micros * 1_000),
                Arbitraries.integers().between(0, 999).map(millis -> millis * 1_000_000));
        return Combinators.combine(seconds, nanos)
                .as(Instant::ofEpochSecond)
                .list()
                .ofMinSize(1)
                .ofMaxSize(5);
    }

    @Provide
    Arbitrary<Delivery> deliveries() {
        return Combinators.combine(
                        Combinators.combine(texts(), texts())
                                .as(Delivery.Application::new)
                                .injectNull(0.3),
                        Combinators.combine(texts(), texts(), texts(), texts(), texts())
                                .as(Delivery.Host::new)
                                .injectNull(0.3),
                        sessions().list().ofMaxSize(3),
                        records().list().ofMinSize(1).ofMaxSize(4))
                .as((application, host, sessions, records) -> new Delivery(
                        "lab", "key", "00000000-1111-2222-3333-444444444444", application, host, sessions, records));
    }

    private static Arbitrary<Session> sessions() {
        return Combinators.combine(
                        texts(),
                        times(),
                        Arbitraries.longs()
                                .between(0, Long.MAX_VALUE / 2)
                                .map(Duration::ofNanos)
                                .injectNull(0.3))
                .as((name, start, duration) -> new Session("s@" + start, name, start, duration));
    }

    private static Arbitrary<TelemetryRecord> records() {
        Arbitrary<Segments> segments = Combinators.combine(
                        Arbitraries.of("register", "message"),
                        Arbitraries.longs().greaterOrEqual(1),
                        Arbitraries.longs().injectNull(0.2),
                        Arbitraries.integers().injectNull(0.2),
                        Arbitraries.integers().injectNull(0.2),
                        texts())
                .as(Segments::new);
        return Combinators.combine(
                        texts(),
                        Arbitraries.longs().greaterOrEqual(1),
                        Arbitraries.of(0.0, 1.5, 1e300),
                        segments,
                        times(),
                        texts(),
                        Arbitraries.of(
                                        "{}",
                                        "{\"n\":1.00000000000000000000000000001e5}",
                                        "{\"é\":[\"𝄞\",{\"a\":-0.0}]}",
                                        "{\"a\":\"\\u0000 }\"}")
                                .injectNull(0.2))
                .as(TelemetryRecord::new);
    }

    /** Lone surrogates are no texts that can be written. */
    private static Arbitrary<@Nullable String> texts() {
        return Arbitraries.strings()
                .withCharRange(' ', '\uD7FF')
                .withChars('\0', '"', '\\', '\n')
                .ofMaxLength(12)
                .injectNull(0.2);
    }

    private static Arbitrary<Instant> times() {
        return Arbitraries.longs().between(0, 4_102_444_800L).map(second -> Instant.ofEpochSecond(second, 123_456_789));
    }
}
