package org.svos.telemetry.gateway.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.spool.Encoding;

class UnpackedBodyTest {

    private static final int MIB = 1024 * 1024;

    private final Capacity capacity = new Capacity(1, DataSize.ofMegabytes(80));

    @Property
    void whatWasPackedIsUnpackedCountedAndHashed(
            @ForAll @Size(max = 300) byte[] part, @ForAll @IntRange(min = 1, max = 200) int times) throws Exception {
        byte[] body = repeated(part, times);
        for (Encoding encoding : Encoding.values()) {
            try (Capacity.Place place = place();
                    UnpackedBody unpacked = UnpackedBody.of(packed(encoding, body), encoding, 64 * MIB, place)) {
                assertThat(unpacked.readAllBytes()).isEqualTo(body);
                assertThat(unpacked.bytes()).isEqualTo(body.length);
                assertThat(unpacked.hash())
                        .isEqualTo(MessageDigest.getInstance("SHA-256").digest(body));
            }
        }
    }

    @Property
    void damagedBodiesAreRefusedOrReadAndNeverFail(
            @ForAll @Size(max = 100) byte[] body, @ForAll @IntRange(max = 200) int at, @ForAll byte wrong)
            throws IOException {
        for (Encoding encoding : new Encoding[] {Encoding.GZIP, Encoding.ZSTD}) {
            byte[] packed = packed(encoding, body);
            packed[at % packed.length] = wrong;
            try (Capacity.Place place = place();
                    UnpackedBody unpacked = UnpackedBody.of(packed, encoding, MIB, place)) {
                unpacked.readAllBytes();
            } catch (Refusal refusal) {
                assertThat(refusal.problem().code()).isIn(ProblemCode.MALFORMED_BODY, ProblemCode.BATCH_TOO_LARGE);
            }
        }
    }

    @Test
    void everyPrefixOfAPackedBodyIsMalformed() throws IOException {
        byte[] body = "{\"events\": [1, 2, 3]}".repeat(20).getBytes(UTF_8);
        for (Encoding encoding : new Encoding[] {Encoding.GZIP, Encoding.ZSTD}) {
            byte[] packed = packed(encoding, body);
            for (int n = encoding == Encoding.ZSTD ? 1 : 0; n < packed.length; n++) {
                assertMalformed(Arrays.copyOf(packed, n), encoding);
            }
        }
    }

    @Test
    void whatFollowsAPackedBodyIsMalformed() throws IOException {
        for (Encoding encoding : new Encoding[] {Encoding.GZIP, Encoding.ZSTD}) {
            byte[] packed = packed(encoding, "{}".getBytes(UTF_8));
            for (int n : new int[] {1, 2, 8, 9, 17, 18, 19, 30, 600}) {
                assertMalformed(concatenated(packed, new byte[n]), encoding);
                assertMalformed(concatenated(packed, "x".repeat(n).getBytes(UTF_8)), encoding);
            }
        }
    }

    @Test
    void severalMembersOrFramesAreOneBody() throws IOException {
        for (Encoding encoding : new Encoding[] {Encoding.GZIP, Encoding.ZSTD}) {
            byte[] packed =
                    concatenated(packed(encoding, "{\"a\":".getBytes(UTF_8)), packed(encoding, "1}".getBytes(UTF_8)));

            try (Capacity.Place place = place();
                    UnpackedBody unpacked = UnpackedBody.of(packed, encoding, MIB, place)) {
                assertThat(new String(unpacked.readAllBytes(), UTF_8)).isEqualTo("{\"a\":1}");
            }
        }
    }

    @Test
    void aGzipHeaderWithAllItsPartsIsReadAndAWrongOneIsMalformed() throws IOException {
        byte[] plain = packed(Encoding.GZIP, "{}".getBytes(UTF_8));
        byte[] header = {0x1F, (byte) 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 3, 2, 0, 'e', 'x', 'n', 0, 'c', 0};
        CRC32 crc = new CRC32();
        crc.update(header);
        byte[] checked = concatenated(header, new byte[] {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)});
        byte[] whole = concatenated(checked, Arrays.copyOfRange(plain, 10, plain.length));

        try (Capacity.Place place = place();
                UnpackedBody unpacked = UnpackedBody.of(whole, Encoding.GZIP, MIB, place)) {
            assertThat(new String(unpacked.readAllBytes(), UTF_8)).isEqualTo("{}");
        }
        for (int i = 0; i < checked.length; i++) {
            byte[] wrong = whole.clone();
            wrong[i] ^= 0x40;
            assertMalformed(wrong, Encoding.GZIP);
        }
    }

    @Test
    void aBodyMayReachItsLimitAndNotPassIt() throws IOException {
        byte[] packed = packed(Encoding.ZSTD, new byte[3 * MIB]);

        try (Capacity.Place place = place();
                UnpackedBody unpacked = UnpackedBody.of(packed, Encoding.ZSTD, 3 * MIB, place)) {
            assertThat(unpacked.readAllBytes()).hasSize(3 * MIB);
        }
        try (Capacity.Place place = place();
                UnpackedBody unpacked = UnpackedBody.of(packed, Encoding.ZSTD, 3 * MIB - 1, place)) {
            assertThatThrownBy(unpacked::readAllBytes).isInstanceOfSatisfying(Refusal.class, refusal -> {
                assertThat(refusal.problem().code()).isEqualTo(ProblemCode.BATCH_TOO_LARGE);
                assertThat(refusal.problem().members())
                        .containsEntry("limit", 3L * MIB - 1)
                        .containsKey("actual");
            });
        }
    }

    @Test
    void aBombOfManyMembersStopsAtTheLimit() throws IOException {
        byte[] member = packed(Encoding.GZIP, new byte[MIB]);
        byte[] packed = repeated(member, 60);

        try (Capacity.Place place = place();
                UnpackedBody unpacked = UnpackedBody.of(packed, Encoding.GZIP, 32 * MIB, place)) {
            assertThatThrownBy(unpacked::readAllBytes).isInstanceOf(Refusal.class);
            assertThat(unpacked.bytes()).isBetween(32L * MIB, 33L * MIB);
        }
    }

    @Test
    void aZstdWindowOver8MiBIsMalformed() throws IOException {
        byte[] body = new byte[20 * MIB];
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            context.setContentSize(false).setLong(24);
            assertMalformed(context.compress(body), Encoding.ZSTD);
        }
    }

    @Test
    void memoryThatOthersHoldIsNotThere() throws IOException {
        Capacity small = new Capacity(2, DataSize.ofMegabytes(2));
        byte[] packed = packed(Encoding.ZSTD, new byte[4 * MIB]);

        try (Capacity.Place place = enter(small);
                UnpackedBody unpacked = UnpackedBody.of(packed, Encoding.ZSTD, 32 * MIB, place)) {
            assertThatThrownBy(unpacked::readAllBytes)
                    .isInstanceOfSatisfying(
                            Refusal.class,
                            refusal -> assertThat(refusal.problem().code()).isEqualTo(ProblemCode.OVERLOADED));
        }
        try (Capacity.Place place = enter(small)) {
            assertThat(place.hold(2 * MIB)).isTrue();
            assertThat(place.hold(1)).isFalse();
        }
        try (Capacity.Place place = enter(small)) {
            assertThat(place.hold(2 * MIB)).isTrue();
        }
    }

    private void assertMalformed(byte[] packed, Encoding encoding) throws IOException {
        try (Capacity.Place place = place();
                UnpackedBody unpacked = UnpackedBody.of(packed, encoding, 64 * MIB, place)) {
            assertThatThrownBy(unpacked::readAllBytes)
                    .isInstanceOfSatisfying(
                            Refusal.class,
                            refusal -> assertThat(refusal.problem().code()).isEqualTo(ProblemCode.MALFORMED_BODY));
        }
    }

    private Capacity.Place place() {
        return enter(capacity);
    }

    private static Capacity.Place enter(Capacity capacity) {
        Capacity.Place place = capacity.enter();
        if (place == null) {
            throw new AssertionError("no place");
        }
        return place;
    }

    private static byte[] packed(Encoding encoding, byte[] body) throws IOException {
        return switch (encoding) {
            case IDENTITY -> body;
            case ZSTD -> Zstd.compress(body);
            case GZIP -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write(body);
                }
                yield out.toByteArray();
            }
        };
    }

    private static byte[] repeated(byte[] part, int times) {
        byte[] whole = new byte[part.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(part, 0, whole, i * part.length, part.length);
        }
        return whole;
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
