package org.svos.telemetry.loader.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.Withheld;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.record.Records;
import org.svos.telemetry.loader.record.WallClock;
import org.svos.telemetry.loader.spool.NewBatch;
import org.svos.telemetry.loader.spool.Round;

/** What the host's owner withholds comes into no body, and is counted. */
class OwnersWordTest {

    private static final Host HOST = new Host("h1", null, "boot", null, "1.0.0");
    private static final SandboxId ONE = new SandboxId("00000000-1111-2222-3333-444444444444");
    private static final SandboxId TWO = new SandboxId("ffffffff-1111-2222-3333-444444444444");

    /** What every value of a dropped field has in it. */
    private static final String SECRET = "sEcReT";

    private final WallClock clock = new WallClock();
    private final Batches batches = new Batches(HOST, 1000, 256 * 1024, clock);
    private long number;

    OwnersWordTest() {
        clock.pair(0, 1_800_000_000_000_000_000L);
    }

    private void take(Records record) {
        ByteBuffer memory = record.numbered(0, ++number).memory();
        batches.take(memory, 0, memory.capacity());
    }

    private void takeOfBoth() {
        take(Records.message().sandbox(ONE.value()));
        take(Records.message().sandbox(TWO.value().toUpperCase(Locale.ROOT)));
    }

    private static Config.Owner allows(Set<SandboxId> allowed, Set<SandboxId> denied) {
        return new Config.Owner(true, allowed, denied, List.of());
    }

    private static Config.Owner drops(String... names) {
        return new Config.Owner(true, Set.of(), Set.of(), List.of(names));
    }

    private static String body(NewBatch batch) {
        return new String(Zstd.decompress(batch.body(), batch.bytes()), StandardCharsets.UTF_8);
    }

    @Test
    void aDeniedSandboxIsInNoBatchAndHasNoGapWhenItIsAllowedAgain() {
        takeOfBoth();
        batches.owner(allows(Set.of(), Set.of(TWO)));
        takeOfBoth();
        takeOfBoth();
        batches.owner(Config.Owner.OPEN);
        takeOfBoth();

        Round round = batches.round();

        assertThat(round.withheld()).containsOnly(Map.entry(Withheld.SANDBOX, 2L));
        assertThat(round.taken()).isEqualTo(8);
        assertThat(round.batches()).extracting(NewBatch::sandbox).containsExactly(ONE, TWO);
        assertThat(round.batches()).extracting(NewBatch::events).containsExactly(4, 2);
        assertThat(round.batches()).extracting(NewBatch::nextSeq).containsExactly(5L, 3L);
    }

    @Test
    void ofAllowedSandboxesTheDeniedAreStillDenied() {
        batches.owner(allows(Set.of(ONE), Set.of()));
        takeOfBoth();
        assertThat(batches.round().batches()).extracting(NewBatch::sandbox).containsExactly(ONE);
        batches.committed();

        batches.owner(allows(Set.of(ONE, TWO), Set.of(ONE)));
        takeOfBoth();
        assertThat(batches.round().batches()).extracting(NewBatch::sandbox).containsExactly(TWO);
    }

    @Test
    void withCaptureOffEverythingThatWasInTheRingIsWithheld() {
        batches.owner(new Config.Owner(false, Set.of(), Set.of(), List.of()));
        takeOfBoth();

        Round round = batches.round();

        assertThat(round.batches()).isEmpty();
        assertThat(round.withheld()).containsOnly(Map.entry(Withheld.CAPTURE_OFF, 2L));
    }

    @Test
    void aThousandSandboxesAreEachKnown() {
        Set<SandboxId> many = Arbitraries.longs().list().ofSize(1000).sample().stream()
                .map(bits -> new SandboxId("00000000-1111-2222-3333-%012x".formatted(bits & 0xFFFF_FFFF_FFFFL)))
                .collect(Collectors.toSet());
        SandboxSet set = new SandboxSet(many);
        SandboxKey key = new SandboxKey();

        for (SandboxId sandbox : many) {
            assertThat(key.read(sandbox.value().getBytes(StandardCharsets.US_ASCII), 0, 36))
                    .isTrue();
            assertThat(set.has(key)).isTrue();
        }
        assertThat(key.read(TWO.value().getBytes(StandardCharsets.US_ASCII), 0, 36))
                .isTrue();
        assertThat(set.has(key)).isFalse();
    }

    @Test
    void fieldsGoAndNamesAndVersionsStay() {
        batches.owner(drops("password"));
        take(Records.of(Hook.REGISTER).name("password").text("password: 1"));
        take(Records.message().name("password").text("{ user: 'me', PASSWORD: 'x', in: [{ password: 1 }] }"));

        assertThat(body(batches.round().batches().getFirst()))
                .contains("\"name\":\"password\"", "\"version\":\"password: 1\"")
                .contains("\"payload\":\"{\\\"user\\\":\\\"me\\\",\\\"in\\\":[{}]}\"");
    }

    @Test
    void aPayloadThatIsNoJsonIsWithheldWholeMarkedAndCounted() {
        batches.owner(drops("password"));
        take(Records.message().text("user=me password=x"));

        assertThat(body(batches.round().batches().getFirst()))
                .doesNotContain("user=me")
                .contains("{\\\"_withheld\\\":\\\"no JSON, on a host that drops fields\\\"}");
        assertThat(batches.withheldPayloads()).isOne();
    }

    @Test
    void theSandboxesAreAskedForWithoutAnAllocation() {
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        batches.owner(allows(Set.of(), Set.of(ONE)));
        ByteBuffer memory = Records.message().sandbox(ONE.value()).memory();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100; i++) {
                memory.putLong(Long.BYTES, ++number);
                batches.take(memory, 0, memory.capacity());
            }
            least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
            batches.round();
            batches.committed();
        }
        // A Long of the sum, each time that it is over the first hundred.
        assertThat(least).as("bytes of 100 records").isLessThan(100);
    }

    /** Whatever a payload looks like, and wherever it is cut off. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void noDroppedFieldsValueIsInABody(@ForAll("payloads") String payload) {
        Batches fresh = new Batches(HOST, 1000, 256 * 1024, clock);
        fresh.owner(drops("password", "api key"));
        ByteBuffer memory = Records.message().text(payload).memory();
        fresh.take(memory, 0, memory.capacity());

        assertThat(body(fresh.round().batches().getFirst())).doesNotContainIgnoringCase(SECRET);
        fresh.close();
    }

    @Provide
    Arbitrary<String> payloads() {
        Arbitrary<String> whole = objects(2);
        return Arbitraries.oneOf(
                whole,
                Combinators.combine(whole, Arbitraries.doubles().between(0, 1))
                        .as((text, part) -> text.substring(0, (int) (part * text.length()))),
                whole.map(text -> text + " // password: " + SECRET),
                whole.map(text -> "/* " + SECRET + " */" + text),
                whole.map(text -> text + text));
    }

    /** Objects in every way of writing them that the contract knows. */
    private static Arbitrary<String> objects(int depth) {
        Arbitrary<String> plain = Combinators.combine(
                        Arbitraries.of("a", "'b'", "\"c\"", "$d", "\"\\n\""), values(depth, "1"))
                .as((key, value) -> key + " : " + value);
        Arbitrary<String> dropped = Combinators.combine(
                        Arbitraries.of(
                                "password",
                                "'password'",
                                "\"PASSWORD\"",
                                "\"pass\\u0077ord\"",
                                "'api key'",
                                "\"Api\\u0020Key\""),
                        values(depth, "'" + SECRET + "'"))
                .as((key, value) -> key + ": " + value);
        return Arbitraries.frequencyOf(Tuple.of(3, plain), Tuple.of(2, dropped))
                .list()
                .ofMaxSize(5)
                .flatMap(members ->
                        Arbitraries.of(", ", ",", ",/* x */").map(comma -> "{" + String.join(comma, members) + "}"));
    }

    private static Arbitrary<String> values(int depth, String scalar) {
        Arbitrary<String> scalars =
                Arbitraries.of(scalar, scalar, scalar.equals("1") ? "'it\\'s'" : "\"\\\"" + SECRET + "\"", "NaN");
        if (depth == 0) {
            return scalars;
        }
        return Arbitraries.oneOf(
                scalars,
                values(depth - 1, scalar).list().ofMaxSize(3).map(all -> "[" + String.join(",", all) + "]"),
                scalar.equals("1")
                        ? objects(depth - 1)
                        : values(depth - 1, scalar).map(value -> "{ in: " + value + "}"));
    }
}
