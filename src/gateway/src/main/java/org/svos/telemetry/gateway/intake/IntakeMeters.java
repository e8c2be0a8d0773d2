package org.svos.telemetry.gateway.intake;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.svos.telemetry.gateway.problem.ProblemCode;

/** Counts requests by what became of them: {@code telemetry_intake_requests_total{code}}, each code there from the start. */
final class IntakeMeters {

    private final Map<String, Counter> requests = new HashMap<>();

    IntakeMeters(MeterRegistry registry) {
        Stream<String> refusals = Stream.of(
                        ProblemCode.MALFORMED_BODY,
                        ProblemCode.MISSING_IDEMPOTENCY_KEY,
                        ProblemCode.INVALID_IDEMPOTENCY_KEY,
                        ProblemCode.INVALID_SANDBOX_ID,
                        ProblemCode.UNAUTHENTICATED,
                        ProblemCode.NOT_ALLOWED,
                        ProblemCode.SANDBOX_UNKNOWN,
                        ProblemCode.SANDBOX_SUSPENDED,
                        ProblemCode.DATABASE_SUSPENDED,
                        ProblemCode.METHOD_NOT_ALLOWED,
                        ProblemCode.KEY_IN_USE,
                        ProblemCode.BATCH_TOO_LARGE,
                        ProblemCode.BATCH_EXCEEDS_QUOTA,
                        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                        ProblemCode.KEY_REUSED,
                        ProblemCode.QUOTA_EXCEEDED,
                        ProblemCode.UNAVAILABLE,
                        ProblemCode.OVERLOADED,
                        ProblemCode.DRAINING,
                        ProblemCode.SPOOL_FULL)
                .map(ProblemCode::wireName);
        Stream.concat(Stream.of("accepted", "replayed"), refusals)
                .forEach(code -> requests.put(
                        code,
                        Counter.builder("telemetry.intake.requests")
                                .description("Requests to the intake, by the code of their answer")
                                .tag("code", code)
                                .register(registry)));
    }

    void count(Answer answer) {
        Counter counter = requests.get(answer.code());
        if (counter != null) {
            counter.increment();
        }
    }
}
