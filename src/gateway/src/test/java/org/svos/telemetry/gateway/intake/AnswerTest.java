package org.svos.telemetry.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletResponse;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.admission.Batch;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.quota.Policy;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Encoding;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every outcome of admission, as an answer. */
class AnswerTest {

    private static final Quota QUOTA = new Quota(10_485_760, 1_000, 10_500, Quota.Mode.ENFORCE);
    private static final Standing STANDING = new Standing(QUOTA, 5, 60, 7, 11);

    private final MockHttpServletResponse response = new MockHttpServletResponse();

    @Test
    void whatIsAcceptedIsListedWithWhatIsNot() throws IOException {
        Rejection rejection = new Rejection(3, Rejection.Code.TOO_DEEP, "payload is \"deep\"");

        JsonNode answer = answer(new Outcome.Accepted(2, List.of(rejection), STANDING));

        assertThat(response.getStatus()).isEqualTo(202);
        assertThat(answer)
                .hasToString("{\"batch\":\"the-key\",\"accepted\":2,\"rejected\":[{\"index\":3,\"code\":\"too-deep\","
                        + "\"detail\":\"payload is \\\"deep\\\"\"}]}");
        assertThat(response.getHeader("Idempotency-Replayed")).isNull();
        assertRateLimit();
    }

    @Test
    void whatIsReplayedReadsTheSame() throws IOException {
        JsonNode answer = answer(new Outcome.Replayed(2, List.of(), STANDING));

        assertThat(response.getStatus()).isEqualTo(200);
        assertThat(answer).hasToString("{\"batch\":\"the-key\",\"accepted\":2,\"rejected\":[]}");
        assertThat(response.getHeader("Idempotency-Replayed")).isEqualTo("true");
        assertRateLimit();
    }

    @Test
    void aKeyOfAnotherBodyIsNotToBeTriedAgain() throws IOException {
        assertProblem(answer(new Outcome.KeyReused(STANDING)), 422, "key-reused");
        assertRateLimit();
    }

    @Test
    void aKeyInUseIsToBeAskedForAgain() throws IOException {
        assertProblem(answer(new Outcome.KeyInUse(STANDING)), 409, "key-in-use");
        assertThat(retryAfter()).isBetween(1L, 2L);
        assertRateLimit();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 60, 86_400})
    void anOverdrawnQuotaIsToldWithTheLongestWait(long reset) throws IOException {
        Set<Policy> both = EnumSet.allOf(Policy.class);

        JsonNode answer = answer(new Outcome.OverQuota(both, Policy.DAY, 100, 90, reset, STANDING));

        assertProblem(answer, 429, "quota-exceeded");
        assertThat(answer.get("violated-policies")).hasToString("[\"day\",\"rate\"]");
        assertThat(answer.get("limit").asLong()).isEqualTo(100);
        assertThat(answer.get("used").asLong()).isEqualTo(90);
        assertThat(answer.get("reset").asLong()).isEqualTo(reset);
        assertThat(retryAfter()).isBetween(reset, reset + reset / 2 + 1);
        assertRateLimit();
    }

    @ParameterizedTest
    @CsvSource({"DAY, day", "RATE, rate"})
    void whatCouldNeverFitIsTooLarge(Policy policy, String name) throws IOException {
        JsonNode answer = answer(new Outcome.ExceedsQuota(policy, 100, 101, STANDING));

        assertProblem(answer, 413, "batch-exceeds-quota");
        assertThat(answer.get("policy").asString()).isEqualTo(name);
        assertThat(answer.get("limit").asLong()).isEqualTo(100);
        assertThat(answer.get("actual").asLong()).isEqualTo(101);
        assertThat(response.getHeader("Retry-After")).isNull();
        assertRateLimit();
    }

    @Test
    void aSandboxThatWentAwayMeanwhileIsUnknown() throws IOException {
        assertProblem(answer(new Outcome.SandboxGone()), 403, "sandbox-unknown");
        assertThat(response.getHeader("RateLimit")).isNull();
    }

    @Test
    void aFullDiskIsToldAsSuch() throws IOException {
        assertProblem(answer(new Outcome.SpoolFull()), 507, "spool-full");
        assertThat(retryAfter()).isPositive();
        assertRateLimit();
    }

    @ParameterizedTest
    @EnumSource
    void whatTheGatewayCannotDoNowIsToBeTriedAgain(Outcome.Unavailable.Cause cause) throws IOException {
        JsonNode answer = answer(new Outcome.Unavailable(cause));

        assertProblem(
                answer,
                503,
                switch (cause) {
                    case STORE -> "unavailable";
                    case OVERLOADED -> "overloaded";
                    case DRAINING -> "draining";
                });
        assertThat(retryAfter()).isPositive();
        assertRateLimit();
    }

    private JsonNode answer(Outcome outcome) throws IOException {
        Database database =
                new Database(1, "db", "o", "d", Database.State.ACTIVE, QUOTA, null, 1, Instant.EPOCH, Instant.EPOCH);
        Batch batch = new Batch(
                new SandboxId("00000000-1111-2222-3333-444444444444"),
                database,
                "the-key",
                new byte[32],
                Encoding.IDENTITY,
                new byte[0],
                0,
                new BatchSummary(null, null, null, 1, 1, 1, 1, List.of(), PayloadLimits.CONTRACT),
                null);
        Answer.to(batch, outcome, _ -> STANDING).writeTo(response);
        return JsonMapper.shared().readTree(response.getContentAsString(StandardCharsets.UTF_8));
    }

    private void assertProblem(JsonNode answer, int status, String code) {
        assertThat(response.getStatus()).isEqualTo(status);
        assertThat(response.getContentType()).isEqualTo("application/problem+json");
        assertThat(answer.get("code").asString()).isEqualTo(code);
        assertThat(answer.get("status").asInt()).isEqualTo(status);
    }

    private void assertRateLimit() {
        assertThat(response.getHeader("RateLimit-Policy"))
                .isEqualTo("\"day\";q=10485760;w=86400;qu=\"content-bytes\", \"rate\";q=10500;w=11;qu=\"events\"");
        assertThat(response.getHeader("RateLimit")).isEqualTo("\"day\";r=5;t=60, \"rate\";r=7;t=11");
    }

    private long retryAfter() {
        return Long.parseLong(String.valueOf(response.getHeader("Retry-After")));
    }
}
