package org.svos.telemetry.event;

import java.util.regex.Pattern;
import org.svos.telemetry.event.Reading.Malformed;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;

/** What the JSON parser has to say of a fault, without what only its own authors want to know. */
final class JsonFault {

    /** Where a bracket was opened, and which settings the parser has: neither is for the client. */
    private static final Pattern ASIDE =
            Pattern.compile(" \\((?:start marker at|not recognized as one).*\\)|: enable `.*");

    private JsonFault() {}

    /** In words, with line and column. */
    static String describe(JacksonException fault) {
        TokenStreamLocation at = fault.getLocation();
        return at == null
                ? message(fault)
                : message(fault) + " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    }

    /** As the answer to a body, of which the parser had read so far. */
    static Malformed malformed(JacksonException fault, BatchLimits limits, TokenStreamLocation soFar) {
        TokenStreamLocation at = fault.getLocation() == null ? soFar : fault.getLocation();
        // Depth is the only one of the parser's own limits that is set.
        String detail = fault instanceof StreamConstraintsException
                ? "the body is nested over " + limits.maxBodyDepth() + " deep"
                : message(fault);
        return new Malformed(detail, at.getLineNr(), at.getColumnNr(), null);
    }

    private static String message(JacksonException fault) {
        String message = fault.getOriginalMessage();
        return message == null ? "not JSON" : ASIDE.matcher(message).replaceAll("");
    }
}
