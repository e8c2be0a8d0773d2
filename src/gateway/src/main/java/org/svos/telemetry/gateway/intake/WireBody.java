package org.svos.telemetry.gateway.intake;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;

/** Reads a request's body as it comes, with no more memory than has come. */
final class WireBody {

    private static final int FIRST_BYTES = 64 * 1024;

    private WireBody() {}

    /** What came. */
    sealed interface Reading {

        @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
        record Whole(byte[] bytes) implements Reading {}

        record Refused(Problem problem) implements Reading {}
    }

    /** Reads it to its end, its limit or its time's. */
    static Reading read(HttpServletRequest request, IntakeSettings settings, Capacity.Place place) {
        long announced = request.getContentLengthLong();
        long limit = settings.maxWireSize().toBytes();
        if (announced > limit) {
            return new Reading.Refused(tooLarge(limit, announced));
        }
        long deadline = System.nanoTime() + settings.bodyTimeout().toNanos();
        int first = (int) Math.min(announced < 0 ? FIRST_BYTES : announced, FIRST_BYTES);
        try {
            InputStream in = request.getInputStream();
            byte[] bytes = new byte[0];
            int n = 0;
            int read = 0;
            while (read >= 0 && n != announced) {
                if (n == bytes.length) {
                    int size = (int) Math.min(Math.max(first, 2L * n), announced < 0 ? limit + 1 : announced);
                    if (!place.hold(size - n)) {
                        return new Reading.Refused(Refusals.overloaded());
                    }
                    bytes = Arrays.copyOf(bytes, size);
                }
                read = in.read(bytes, n, bytes.length - n);
                n += Math.max(read, 0);
                if (n > limit) {
                    return new Reading.Refused(tooLarge(limit, n));
                }
                if (System.nanoTime() - deadline > 0) {
                    return new Reading.Refused(cutOff("did not come whole within " + settings.bodyTimeout()));
                }
            }
            if (n < announced) {
                return new Reading.Refused(cutOff("ended after " + n + " of " + announced + " bytes"));
            }
            return new Reading.Whole(n == bytes.length ? bytes : Arrays.copyOf(bytes, n));
        } catch (IOException e) {
            // Broken off, too slow for the connector, or chunks that are none: whoever is still there may know.
            return new Reading.Refused(cutOff("could not be read to its end"));
        }
    }

    private static Problem tooLarge(long limit, long actual) {
        return Refusals.tooLarge("The body has more bytes on the wire than a batch may have.", limit, actual);
    }

    private static Problem cutOff(String how) {
        return Problem.of(ProblemCode.MALFORMED_BODY, "The body " + how + ".")
                .with("pointer", "")
                .withHeader("Connection", "close"); // nobody knows where the next request would begin, or when
    }
}
