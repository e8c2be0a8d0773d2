package org.svos.telemetry.gateway.intake;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.ZipException;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.spool.Encoding;

/**
 * A body, decompressed while it is read; counted, bounded and hashed on the way. It is not kept, but one text in it may be as
 * long as the whole, and the parser then holds two bytes for each of its characters: for each MiB past the first it asks for
 * that room. Throws a {@link Refusal} where it has to end.
 */
final class UnpackedBody extends InputStream {

    private static final int STEP = 1024 * 1024;

    private final InputStream in;
    private final MessageDigest digest = sha256();
    private final long limit;
    private final Capacity.Place place;
    private final byte[] single = new byte[1];
    private long bytes;
    private long room = STEP;

    private UnpackedBody(InputStream in, long limit, Capacity.Place place) {
        this.in = in;
        this.limit = limit;
        this.place = place;
    }

    static UnpackedBody of(byte[] wire, Encoding encoding, long limit, Capacity.Place place) throws IOException {
        try {
            return new UnpackedBody(encoding.unpack(wire), limit, place);
        } catch (IOException e) {
            throw badCompression(e);
        }
    }

    /** How many bytes were read. */
    long bytes() {
        return bytes;
    }

    /** The SHA-256 of what was read; to be asked once, at the end. */
    byte[] hash() {
        return digest.digest();
    }

    @Override
    public int read() throws IOException {
        int n = read(single, 0, 1);
        return n < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n;
        try {
            n = in.read(buffer, offset, length);
        } catch (IOException e) {
            throw badCompression(e);
        }
        if (n > 0) {
            bytes += n;
            if (bytes > limit) {
                throw new Refusal(Refusals.tooLarge(
                        "The body has more bytes, decompressed, than a batch may have; counting stopped there.",
                        limit,
                        bytes));
            }
            if (bytes > room) {
                room += STEP;
                if (!place.hold(2 * STEP)) {
                    throw new Refusal(Refusals.overloaded());
                }
            }
            digest.update(buffer, offset, n);
        }
        return n;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static Refusal badCompression(IOException e) {
        String why = e instanceof EOFException
                ? "it ends too early"
                : e instanceof ZipException && e.getMessage() != null ? e.getMessage() : "it is damaged";
        return new Refusal(
                Problem.of(ProblemCode.MALFORMED_BODY, "The body is not what its Content-Encoding says: " + why + ".")
                        .with("pointer", ""));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
