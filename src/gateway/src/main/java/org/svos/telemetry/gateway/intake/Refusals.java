package org.svos.telemetry.gateway.intake;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.svos.telemetry.event.Reading.Malformed;
import org.svos.telemetry.gateway.admission.Outcome.ExceedsQuota;
import org.svos.telemetry.gateway.admission.Outcome.OverQuota;
import org.svos.telemetry.gateway.admission.Outcome.Unavailable;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.quota.Policy;

/**
 * The intake's refusals in words and fields. {@code Retry-After} is never shorter than the wait, and spread by up to half of
 * it and a second more: those who were refused together shall not come back together.
 */
final class Refusals {

    private static final long SOON_SECONDS = 1;
    private static final long LATER_SECONDS = 5;
    private static final long ROOM_SECONDS = 30;

    private Refusals() {}

    static Problem overloaded() {
        return later(
                Problem.of(ProblemCode.OVERLOADED, "The gateway has too much to do. Nothing of the batch was kept."),
                SOON_SECONDS);
    }

    static Problem draining() {
        return later(
                Problem.of(ProblemCode.DRAINING, "The gateway is shutting down. Nothing of the batch was kept."),
                LATER_SECONDS);
    }

    static Problem unavailable(Unavailable.Cause cause) {
        return switch (cause) {
            case STORE ->
                later(
                        Problem.of(
                                ProblemCode.UNAVAILABLE,
                                "The gateway's store does not answer. Nothing of the batch was kept."),
                        LATER_SECONDS);
            case OVERLOADED -> overloaded();
            case DRAINING -> draining();
        };
    }

    static Problem spoolFull() {
        return later(
                Problem.of(
                        ProblemCode.SPOOL_FULL,
                        "The gateway's disk has no room for the batch. Nothing of it was kept."),
                ROOM_SECONDS);
    }

    static Problem keyInUse() {
        return later(
                Problem.of(
                        ProblemCode.KEY_IN_USE,
                        "A batch with this Idempotency-Key is being admitted right now. Ask again for its answer."),
                SOON_SECONDS);
    }

    static Problem keyReused() {
        return Problem.of(
                ProblemCode.KEY_REUSED,
                "This Idempotency-Key was accepted with another body. Give each batch a key of its own.");
    }

    static Problem tooLarge(String detail, long limit, long actual) {
        return Problem.of(ProblemCode.BATCH_TOO_LARGE, detail + " Send it in smaller ones.")
                .with("limit", limit)
                .with("actual", actual);
    }

    static Problem malformed(Malformed fault) {
        Problem problem = Problem.of(ProblemCode.MALFORMED_BODY, fault.detail());
        if (fault.pointer() != null) {
            return problem.with("pointer", fault.pointer());
        }
        if (fault.line() == null || fault.column() == null) {
            return problem.with("pointer", "");
        }
        return problem.with("line", fault.line()).with("column", fault.column());
    }

    static Problem exceedsQuota(ExceedsQuota outcome) {
        return Problem.of(
                        ProblemCode.BATCH_EXCEEDS_QUOTA,
                        "The batch has " + outcome.actual() + unit(outcome.policy()) + ", and the database's whole "
                                + outcome.policy().wireName() + " quota is " + outcome.limit()
                                + ". Send it in smaller ones.")
                .with("policy", outcome.policy().wireName())
                .with("limit", outcome.limit())
                .with("actual", outcome.actual());
    }

    static Problem overQuota(OverQuota outcome) {
        List<String> violated =
                outcome.violated().stream().sorted().map(Policy::wireName).toList();
        return later(
                Problem.of(
                                ProblemCode.QUOTA_EXCEEDED,
                                "The database is over its quota (" + String.join(", ", violated) + "): "
                                        + outcome.used() + " of " + outcome.limit() + unit(outcome.worst())
                                        + " are used. Nothing of the batch was consumed.")
                        .with("violated-policies", violated)
                        .with("limit", outcome.limit())
                        .with("used", outcome.used())
                        .with("reset", outcome.resetSeconds()),
                outcome.resetSeconds());
    }

    private static String unit(Policy policy) {
        return switch (policy) {
            case DAY -> " bytes";
            case RATE -> " events";
        };
    }

    private static Problem later(Problem problem, long waitSeconds) {
        return problem.retryAfter(waitSeconds + ThreadLocalRandom.current().nextLong(waitSeconds / 2 + 2));
    }
}
