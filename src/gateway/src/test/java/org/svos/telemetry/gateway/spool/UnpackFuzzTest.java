package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Whatever bytes come as a compressed body, they are unpacked or refused, in as much time and memory as the reader allows; and
 * nobody else reads something else in them.
 */
class UnpackFuzzTest {

    /** A reader that stops there, as intake does. */
    private static final int MOST = 64 * 1024;

    @FuzzTest
    void everyBodyIsUnpackedOrRefused(byte[] input) throws IOException {
        checkAsItCame(input);
        checkAsDeflated(input);
        checkDamaged(input);
    }

    private static void checkAsItCame(byte[] input) throws IOException {
        for (Encoding encoding : Encoding.values()) {
            assertThat(unpacked(encoding, input, 7)).isEqualTo(unpacked(encoding, input, 8192));
        }
        assertThat(unpacked(Encoding.IDENTITY, input, 100))
                .isEqualTo(Arrays.copyOf(input, Math.min(input.length, MOST)));
        byte[] ours = unpacked(Encoding.GZIP, input, 512);
        if (ours != null) {
            assertThat(read(new GZIPInputStream(new ByteArrayInputStream(input)), 512))
                    .isEqualTo(ours);
        }
    }

    /** The input as what stands between a good gzip header and a good trailer: a checksum keeps mutations out otherwise. */
    private static void checkAsDeflated(byte[] input) throws IOException {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(input);
            byte[] plain = new byte[MOST];
            int length = inflater.inflate(plain);
            if (inflater.finished()) {
                int used = Math.toIntExact(inflater.getBytesRead());
                CRC32 checksum = new CRC32();
                checksum.update(plain, 0, length);
                ByteBuffer member = ByteBuffer.allocate(18 + used).order(ByteOrder.LITTLE_ENDIAN);
                member.put(new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 3});
                member.put(input, 0, used).putInt((int) checksum.getValue()).putInt(length);
                assertThat(unpacked(Encoding.GZIP, member.array(), 1000)).isEqualTo(Arrays.copyOf(plain, length));
            }
        } catch (DataFormatException e) {
            ByteArrayOutputStream member = new ByteArrayOutputStream();
            member.writeBytes(new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 3});
            member.writeBytes(input);
            assertThat(unpacked(Encoding.GZIP, member.toByteArray(), 1000)).isNull();
        } finally {
            inflater.end();
        }
    }

    /** The input's first bytes say what is done to the rest, packed. */
    private static void checkDamaged(byte[] input) throws IOException {
        if (input.length < 4) {
            return;
        }
        byte[] plain = Arrays.copyOfRange(input, 4, input.length);
        byte[] gzip = gzip(plain);
        assertThat(unpacked(Encoding.GZIP, gzip, 64)).isEqualTo(plain);
        byte[] zstd = Zstd.compress(plain, input[0] & 7);
        assertThat(unpacked(Encoding.ZSTD, zstd, 64)).isEqualTo(plain);

        byte[] unharmed = unpacked(Encoding.GZIP, damaged(gzip, input), 64);
        if (unharmed != null) {
            // A time or the system's name was changed, or another body was packed by chance as the same.
            assertThat(unharmed).isEqualTo(plain);
        }
        assertThatCode(() -> unpacked(Encoding.ZSTD, damaged(zstd, input), 64)).doesNotThrowAnyException();
    }

    private static byte[] damaged(byte[] packed, byte[] how) {
        int at = Math.floorMod(how[1] << 8 | (how[2] & 0xFF), packed.length);
        return switch (how[0] >> 6 & 3) {
            case 0 -> Arrays.copyOf(packed, at);
            case 1 -> Arrays.copyOf(packed, packed.length + 1 + at);
            default -> {
                byte[] changed = packed.clone();
                changed[at] ^= how[3];
                yield changed;
            }
        };
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    /** What the reader gets, in pieces of that size at most, or null if the body is refused. */
    private static byte @Nullable [] unpacked(Encoding encoding, byte[] body, int piece) {
        try (InputStream in = encoding.unpack(body)) {
            return read(in, piece);
        } catch (IOException e) {
            return null;
        }
    }

    private static byte[] read(InputStream in, int piece) throws IOException {
        byte[] plain = new byte[MOST];
        int length = 0;
        int n = 0;
        while (n >= 0 && length < MOST) {
            n = in.read(plain, length, Math.min(piece, MOST - length));
            assertThat(n).as("a read that waits for nothing").isNotZero();
            length += Math.max(n, 0);
        }
        return Arrays.copyOf(plain, length);
    }
}
