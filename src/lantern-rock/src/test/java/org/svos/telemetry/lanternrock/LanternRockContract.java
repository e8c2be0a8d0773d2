package org.svos.telemetry.lanternrock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.lanternrock.Delivery.Application;
import org.svos.telemetry.lanternrock.Delivery.Host;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;
import org.svos.telemetry.lanternrock.Upstream.Arrived;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tls;

/**
 * What every adapter of the port must do. Run by each against a real server of its protocol, and against servers that know none:
 * {@link WireRules}, {@link CredentialRules}, {@link TlsRules}.
 */
public abstract class LanternRockContract implements WireRules, CredentialRules, TlsRules {

    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";
    private static final Instant TIME = Instant.parse("2026-11-22T09:31:00.123456789Z");
    private static final Duration SHORT = Duration.ofMillis(400);

    private final List<AutoCloseable> adapters = new ArrayList<>();

    /** A new adapter, which the kit closes. */
    protected abstract LanternRock make(HttpSettings settings, @Nullable Supplier<Tls> tls);

    protected abstract Upstream upstream();

    @Override
    public LanternRock adapter(HttpSettings settings, @Nullable Supplier<Tls> tls) {
        LanternRock adapter = make(settings, tls);
        adapters.add((AutoCloseable) adapter);
        return adapter;
    }

    @AfterEach
    void closeAdapters() throws Exception {
        for (AutoCloseable adapter : adapters) {
            adapter.close();
        }
    }

    private LanternRock adapter() {
        return adapter(Duration.ofSeconds(20));
    }

    /** An adapter towards {@link #upstream()}. */
    private LanternRock adapter(Duration timeout) {
        return adapter(new HttpSettings(upstream().uri(), null, Duration.ofSeconds(2), timeout), null);
    }

    @Test
    void aDeliveryArrivesWithAllThatItCarries() throws Exception {
        var session = new Session("2@" + TIME, "startup", TIME, Duration.ofMillis(1500));
        var records = List.of(
                record("session_begin", 2, "startup", session.id(), null),
                record("message", 3, "loaded", session.id(), "{\"hello_world\":false}"),
                record("session_end", 4, null, session.id(), null),
                record("unregister", 5, null, null, null));
        var delivery = new Delivery(
                "lab",
                "k1",
                SANDBOX,
                new Application("hello", "1.0.0"),
                new Host("h1", "lab-17", "b1", "6.1.0", "1.0.0"),
                List.of(session),
                records);
        assertThat(adapter().deliver(delivery)).isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab"))
                .containsExactly(
                        new Arrived(SANDBOX, "h1", "hello 1.0.0", "startup", "session_begin", "startup", 2, TIME, null),
                        new Arrived(
                                SANDBOX,
                                "h1",
                                "hello 1.0.0",
                                "startup",
                                "message",
                                "loaded",
                                3,
                                TIME,
                                "{\"hello_world\":false}"),
                        new Arrived(SANDBOX, "h1", "hello 1.0.0", "startup", "session_end", null, 4, TIME, null),
                        new Arrived(SANDBOX, "h1", "hello 1.0.0", null, "unregister", null, 5, TIME, null));
    }

    @Test
    void theLeastDeliveryArrives() throws Exception {
        assertThat(adapter().deliver(messages("lab", "k1", "loaded"))).isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab"))
                .containsExactly(new Arrived(SANDBOX, null, null, null, "message", "loaded", 1, TIME, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"n\":1.0}",
                "{\"n\":1E400,\"m\":-0,\"o\":12345678901234567890123456789012345678901234567890}",
                "{\"n\":0.1000000000000000000000000000000000000001}",
                "{\"t\":\"\\u0000 \\\" \\\\ \\n ü 漢 🚀\"}",
                "{\"a\":{\"b\":[[],{},null,true,[1,2]]}}",
            })
    void aPayloadKeepsItsTextAndItsDigits(String payload) throws Exception {
        adapter()
                .deliver(new Delivery(
                        "lab",
                        "k1",
                        SANDBOX,
                        null,
                        null,
                        List.of(),
                        List.of(record("message", 1, "m", null, payload))));
        assertThat(upstream().arrived("lab")).extracting(Arrived::payload).containsExactly(payload);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\"b\\c", "tab\tnewline\nnul\u0000", "ü 漢 🚀", "{\"x\":1}"})
    void aNameArrivesWhateverItsCharacters(String name) throws Exception {
        adapter().deliver(messages("lab", "k1", name));
        assertThat(upstream().arrived("lab")).extracting(Arrived::name).containsExactly(name);
    }

    @Test
    void halfASurrogatePairHoldsNothingUp() throws Exception {
        assertThat(adapter().deliver(messages("lab", "k1", "cut \ud83d"))).isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab")).extracting(Arrived::name).containsExactly("cut ?");
    }

    @Test
    void deliveriesKeepTheirOrderAndTheirDatabase() throws Exception {
        LanternRock adapter = adapter();
        for (int i = 0; i < 5; i++) {
            adapter.deliver(messages("lab", "k" + i, "a" + i, "b" + i));
            adapter.deliver(messages("field", "k" + i, "c" + i));
        }
        assertThat(upstream().arrived("lab"))
                .extracting(Arrived::name)
                .containsExactly("a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4");
        assertThat(upstream().arrived("field")).extracting(Arrived::name).containsExactly("c0", "c1", "c2", "c3", "c4");
    }

    @Test
    void aLargeDeliveryArrives() throws Exception {
        String[] names = IntStream.range(0, 10_000).mapToObj(i -> "n" + i).toArray(String[]::new);
        // The stand-in reads each record, on a machine that may have much else to do.
        assertThat(adapter(Duration.ofMinutes(2)).deliver(messages("lab", "k1", names)))
                .isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab")).extracting(Arrived::name).containsExactly(names);
    }

    @Test
    void theSameKeyTwiceIsOneDelivery() throws Exception {
        assertThat(adapter().deliver(messages("lab", "k1", "loaded"))).isEqualTo(new Receipt.Delivered());
        assertThat(adapter().deliver(messages("lab", "k1", "loaded"))).isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab")).hasSize(1);
    }

    @Test
    void aBrokenConnectionIsTriedAgainAndArrivesOnce() throws Exception {
        upstream().drop();
        assertThat(adapter().deliver(messages("lab", "k1", "loaded"))).isInstanceOf(Receipt.Retry.class);
        upstream().mend();
        assertThat(adapter().deliver(messages("lab", "k1", "loaded"))).isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab")).hasSize(1);
    }

    @Test
    void anAnswerThatComesTooLateIsTriedAgainAndArrivesOnce() throws Exception {
        upstream().answerAfter(Duration.ofSeconds(10));
        Receipt late = adapter(SHORT).deliver(messages("lab", "k1", "loaded"));
        assertThat(late)
                .isInstanceOfSatisfying(
                        Receipt.Retry.class, retry -> assertThat(retry.after()).isNull());
        upstream().mend();
        assertThat(adapter().deliver(messages("lab", "k1", "loaded"))).isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab")).hasSize(1);
    }

    @Test
    void aSlowAnswerWithinTheTimeoutIsGood() throws Exception {
        upstream().answerAfter(Duration.ofMillis(200));
        assertThat(adapter().deliver(messages("lab", "k1", "loaded"))).isEqualTo(new Receipt.Delivered());
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 501, 502, 503, 504, 507, 599})
    void whatMayPassIsRetried(int status) throws Exception {
        upstream().answer(status, null);
        assertThat(adapter().deliver(messages("lab", "k1", "loaded")))
                .isInstanceOfSatisfying(Receipt.Retry.class, retry -> {
                    assertThat(retry.why()).contains(Integer.toString(status));
                    assertThat(retry.after()).isNull();
                });
        assertThat(upstream().arrived("lab")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 301, 302, 307})
    void whatSomebodyMustMendParks(int status) throws Exception {
        upstream().answer(status, null);
        assertThat(adapter().deliver(messages("lab", "k1", "loaded")))
                .isInstanceOfSatisfying(Receipt.Parked.class, parked -> {
                    assertThat(parked.status()).isEqualTo(status);
                    assertThat(parked.answer()).isNotBlank();
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 402, 405, 406, 409, 410, 411, 413, 415, 418, 422, 451})
    void whatCanNeverPassIsRefused(int status) throws Exception {
        upstream().answer(status, null);
        assertThat(adapter().deliver(messages("lab", "k1", "loaded")))
                .isInstanceOfSatisfying(Receipt.Refused.class, refused -> {
                    assertThat(refused.status()).isEqualTo(status);
                    assertThat(refused.answer()).isNotBlank();
                });
    }

    @Test
    void retryAfterInSecondsIsHonoured() throws Exception {
        upstream().answer(429, "17");
        assertThat(adapter().deliver(messages("lab", "k1", "loaded")))
                .isEqualTo(new Receipt.Retry("status 429", Duration.ofSeconds(17)));
    }

    @Test
    void retryAfterAsADateIsHonoured() throws Exception {
        upstream()
                .answer(
                        503,
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                Instant.now().plusSeconds(100).atOffset(ZoneOffset.UTC)));
        assertThat(adapter().deliver(messages("lab", "k1", "loaded")))
                .isInstanceOfSatisfying(
                        Receipt.Retry.class,
                        retry -> assertThat(retry.after()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(100)));
    }

    @Test
    void onlyThePoisonedDeliveryIsRefused() throws Exception {
        upstream().poison("bad");
        assertThat(adapter().deliver(messages("lab", "k1", "good", "bad")))
                .isInstanceOfSatisfying(
                        Receipt.Refused.class,
                        refused -> assertThat(refused.answer()).contains("bad"));
        assertThat(adapter().deliver(messages("lab", "k2", "good"))).isEqualTo(new Receipt.Delivered());
        assertThat(upstream().arrived("lab")).extracting(Arrived::name).containsExactly("good");
    }

    @Test
    void anInterruptedCallerIsLetGo() throws Exception {
        upstream().answerAfter(Duration.ofSeconds(10));
        LanternRock adapter = adapter();
        Thread caller = Thread.currentThread();
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            caller.interrupt();
        });
        assertThatThrownBy(() -> adapter.deliver(messages("lab", "k1", "loaded")))
                .isInstanceOf(InterruptedException.class);
    }

    static Delivery messages(String database, String key, String... names) {
        List<TelemetryRecord> records = IntStream.range(0, names.length)
                .mapToObj(i -> record("message", i + 1, names[i], null, null))
                .toList();
        return new Delivery(database, key, SANDBOX, null, null, List.of(), records);
    }

    private static TelemetryRecord record(
            String kind, long seq, @Nullable String name, @Nullable String session, @Nullable String payload) {
        return new TelemetryRecord(name, 1, 0, new Segments(kind, seq, 123L, 0, 412, "insmod"), TIME, session, payload);
    }
}
