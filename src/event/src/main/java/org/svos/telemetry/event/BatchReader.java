package org.svos.telemetry.event;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Reading.Malformed;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a batch's body in one pass: strict JSON in UTF-8, one object, nothing after it but white space; a byte order mark
 * before it is let pass. A key that is spelled with a lone surrogate is malformed, a value is not.
 *
 *     {"host": {…}, "application": {…}, "lost": {…}, "events": [{…}, …]}
 *
 * <p>The members may come in any order, each once; an unknown one is passed over, and null is absent. Intake reads without a
 * sink and keeps the body as it came; the forwarder reads the same bytes again with one, by the same limits of payloads. Both
 * decide alike which events are valid. Safe for use by many threads.
 */
public final class BatchReader {

    private final BatchLimits limits;
    private final JsonFactory json;

    public BatchReader(BatchLimits limits) {
        this.limits = limits;
        this.json = JsonFactory.builder()
                .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
                .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                // The body's own limits hold; the parser's may turn nothing away that they let pass.
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(limits.maxBodyDepth())
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .build())
                .build();
    }

    private BatchReader(BatchLimits limits, JsonFactory json) {
        this.limits = limits;
        this.json = json;
    }

    /** One that reads by other limits of payloads. It costs next to nothing: the parser knows nothing of them. */
    public BatchReader with(PayloadLimits payload) {
        return payload.equals(limits.payload())
                ? this
                : new BatchReader(
                        new BatchLimits(limits.maxEvents(), limits.maxNameChars(), payload, limits.maxBodyDepth()),
                        json);
    }

    /**
     * Reads a body to its end, or to its first fault. The stream is not closed.
     *
     * @param body decompressed
     * @param sink takes the valid events, or is null, and then none are made. What it was given counts only if the answer is
     *     {@link Reading.Read}
     * @throws IOException what the stream threw
     */
    public Reading read(InputStream body, @Nullable EventSink sink) throws IOException {
        Utf8Stream utf8 = new Utf8Stream(body);
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), utf8)) {
            try {
                Reading reading = new BatchPass(parser, limits, sink).read();
                return utf8.fault() == null ? reading : notUtf8(utf8, parser);
            } catch (JacksonIOException e) {
                throw e.getCause();
            } catch (JacksonException e) {
                return utf8.fault() == null
                        ? JsonFault.malformed(e, limits, parser.currentLocation())
                        : notUtf8(utf8, parser);
            }
        } catch (JacksonIOException e) {
            // Thrown while the parser was made, or closed.
            throw e.getCause();
        }
    }

    /**
     * Reads no further than to the host: what the body's own answer to {@link #read} would hold.
     *
     * @return null if there is none, or the body is malformed up to there
     * @throws IOException what the stream threw
     */
    public @Nullable Host readHost(InputStream body) throws IOException {
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), new Utf8Stream(body))) {
            return new BatchPass(parser, limits, null).readToHost();
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            return null;
        }
    }

    /** The parser took what is not UTF-8 for the end of the body, and stands there. */
    private static Malformed notUtf8(Utf8Stream body, JsonParser parser) {
        TokenStreamLocation at = parser.currentLocation();
        return new Malformed(String.valueOf(body.fault()), at.getLineNr(), at.getColumnNr(), null);
    }
}
