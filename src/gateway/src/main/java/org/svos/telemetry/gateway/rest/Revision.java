package org.svos.telemetry.gateway.rest;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ETag;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.ProblemException;

/** A thing's count of changes as its {@code ETag}, and the {@code If-Match} that a change of it requires. */
public final class Revision {

    private final List<ETag> wanted;

    private Revision(List<ETag> wanted) {
        this.wanted = wanted;
    }

    /** The entity tag, in its quotes. */
    public static String tag(long revision) {
        return "\"" + revision + "\"";
    }

    /**
     * The revisions that a change is meant for.
     *
     * @throws ProblemException 428 without the header, 400 if it is none
     */
    public static Revision required(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.isBlank()) {
            throw new ProblemException(Problem.of(
                    ProblemCode.PRECONDITION_REQUIRED,
                    "Send If-Match with the ETag of the GET that this change is based on."));
        }
        List<ETag> wanted = ETag.parse(ifMatch);
        if (wanted.isEmpty()) {
            throw new ProblemException(Form.invalid("/If-Match", "must be an entity tag in quotes, such as \"3\""));
        }
        return new Revision(wanted);
    }

    /** Whether a change may be made to a thing of that revision. A weak tag is no proof of it. */
    public boolean matches(long revision) {
        String current = Long.toString(revision);
        return wanted.stream()
                .anyMatch(tag -> tag.isWildcard() || (!tag.weak() && tag.tag().equals(current)));
    }

    /** The 412 of a lost race, with the tag to look at. */
    public static Problem lost(long current) {
        return Problem.of(
                        ProblemCode.PRECONDITION_FAILED,
                        "It was changed since the ETag of If-Match; it is at " + tag(current)
                                + " now. Get it and decide anew.")
                .withHeader("ETag", tag(current));
    }
}
