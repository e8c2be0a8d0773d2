package org.svos.telemetry.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;

/** Every call of the REST API, made by every role. */
@ExtendWith(SharedGateway.class)
class RoleMatrixTest {

    private static final String BATCH =
            "{\"events\": [{\"seq\": 1, \"kind\": \"unregister\", \"time\": \"2026-11-22T09:31:00Z\"}]}";

    /**
     * Columns: the call, its body ({@code ~} is none), and what admin, the database's owner and reader, a host, the owner and
     * reader of another database, and nobody get. {name}, {sandbox}, {token} and {letter} are the database's own; {new} is a new
     * name, {batch} a good batch.
     */
    private static final String MATRIX = """
            POST   | /api/v1/databases                        | {"name": "{new}", "owner": "o"}                           | 201 403 403 403 403 403 401
            GET    | /api/v1/databases                        | ~                                                         | 200 200 200 403 200 200 401
            GET    | /api/v1/databases/{name}                 | ~                                                         | 200 200 200 403 404 404 401
            PATCH  | /api/v1/databases/{name}                 | {"description": "d"}                                      | 200 200 403 403 404 404 401
            PATCH  | /api/v1/databases/{name}                 | {"owner": "somebody"}                                     | 200 403 403 403 404 404 401
            PATCH  | /api/v1/databases/{name}                 | {"state": "suspended"}                                    | 200 403 403 403 404 404 401
            PATCH  | /api/v1/databases/{name}                 | {"retention": "P1D"}                                      | 200 403 403 403 404 404 401
            PATCH  | /api/v1/databases/{name}                 | {"quota": {"burst": 5}}                                   | 200 403 403 403 404 404 401
            DELETE | /api/v1/databases/{name}                 | ~                                                         | 204 403 403 403 404 404 401
            POST   | /api/v1/databases/{name}/sandboxes       | {}                                                        | 201 201 403 403 404 404 401
            GET    | /api/v1/databases/{name}/sandboxes       | ~                                                         | 200 200 200 403 404 404 401
            GET    | /api/v1/sandboxes/{sandbox}              | ~                                                         | 200 200 200 403 404 404 401
            PATCH  | /api/v1/sandboxes/{sandbox}              | {"state": "suspended"}                                    | 200 200 403 403 404 404 401
            DELETE | /api/v1/sandboxes/{sandbox}              | ~                                                         | 204 204 403 403 404 404 401
            POST   | /api/v1/tokens                           | {"role": "admin", "name": "t"}                            | 201 403 403 403 403 403 401
            POST   | /api/v1/tokens                           | {"role": "owner", "name": "t", "database": "{name}"}      | 201 403 403 403 403 403 401
            POST   | /api/v1/tokens                           | {"role": "reader", "name": "t", "database": "{name}"}     | 201 201 403 403 403 403 401
            POST   | /api/v1/tokens                           | {"role": "host", "name": "t", "databases": ["{name}"]}    | 201 201 403 403 403 403 401
            POST   | /api/v1/tokens                           | {"role": "host", "name": "t", "databases": ["*"]}         | 201 403 403 403 403 403 401
            POST   | /api/v1/tokens                           | {"role": "host", "name": "t", "sandboxes": ["{sandbox}"]} | 201 201 403 403 400 403 401
            GET    | /api/v1/tokens                           | ~                                                         | 200 200 403 403 200 403 401
            DELETE | /api/v1/tokens/{token}                   | ~                                                         | 204 204 403 403 404 403 401
            GET    | /api/v1/databases/{name}/usage           | ~                                                         | 200 200 200 403 404 404 401
            GET    | /api/v1/databases/{name}/ledger          | ~                                                         | 200 200 200 403 404 404 401
            GET    | /api/v1/databases/{name}/events          | ~                                                         | 200 200 200 403 404 404 401
            GET    | /api/v1/databases/{name}/diagnosis       | ~                                                         | 200 200 200 403 404 404 401
            GET    | /api/v1/databases/{name}/dead-letters    | ~                                                         | 200 200 200 403 404 404 401
            GET    | /api/v1/databases/{name}/dead-letters/{letter}        | ~                                            | 200 200 200 403 404 404 401
            POST   | /api/v1/databases/{name}/dead-letters/{letter}/replay | ~                                            | 202 202 403 403 404 404 401
            POST   | /api/v1/databases/{name}/dead-letters/replay | ~                                                     | 202 202 403 403 404 404 401
            DELETE | /api/v1/databases/{name}/dead-letters/{letter}        | ~                                            | 204 204 403 403 404 404 401
            POST   | /api/v1/sandboxes/{sandbox}/batches      | {batch}                                                   | 403 403 403 202 403 403 401
            GET    | /api/v1/ledger                           | ~                                                         | 200 403 403 403 403 403 401
            GET    | /api/v1/hosts                            | ~                                                         | 200 403 403 403 403 403 401
            GET    | /api/v1/audit                            | ~                                                         | 200 403 403 403 403 403 401
            GET    | /api/v1/databases/no-such-database       | ~                                                         | 404 404 404 403 404 404 401
            GET    | /api/v1/no-such-path                     | ~                                                         | 404 404 404 404 404 404 401
            """;

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', nullValues = "~", textBlock = MATRIX)
    void everyRoleGetsWhatItMay(
            String method, String path, @Nullable String body, String statuses, RunningGateway gateway) {
        String[] expected = statuses.strip().split(" ", -1);
        for (int i = 0; i < expected.length; i++) {
            Registered own = Registered.in(gateway);
            String sandbox = own.sandbox();
            String token = tokenOf(i, own, Registered.in(gateway));
            String revocable = gateway.admin(
                            "POST",
                            "/api/v1/tokens",
                            "{\"role\": \"host\", \"name\": \"t\", \"databases\": [\"%s\"]}".formatted(own.name()))
                    .text("id");
            String letter = path.contains("{letter}") ? own.deadLetter(sandbox) : "";
            String[] filled = Stream.of(path, body == null ? "" : body)
                    .map(text -> text.replace("{name}", own.name())
                            .replace("{sandbox}", sandbox)
                            .replace("{token}", revocable)
                            .replace("{letter}", letter)
                            .replace("{batch}", BATCH)
                            .replace("{new}", "n" + UUID.randomUUID()))
                    .toArray(String[]::new);

            Answer answer =
                    call(gateway, token.isEmpty() ? null : token, method, filled[0], body == null ? null : filled[1]);

            assertThat(answer.status())
                    .as("%s %s by column %d: %s", method, filled[0], i, answer)
                    .isEqualTo(Integer.parseInt(expected[i]));
            if (answer.status() >= 400) {
                assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
                assertThat(answer.text("code"))
                        .isIn("unauthenticated", "not-allowed", "not-found", "invalid-request")
                        .isEqualTo(code(answer.status()));
            }
        }
    }

    @Test
    void noCallIsWithoutARow(RunningGateway gateway) {
        Set<String> rows = MATRIX.lines()
                .map(row -> row.split("\\|", -1))
                .map(columns -> columns[0].strip() + " " + columns[1].strip())
                .map(call -> call.replaceFirst("/databases/[^/{]+$", "/databases/{name}"))
                .map(RunningGateway::withoutNames)
                .collect(Collectors.toSet());

        assertThat(rows).containsAll(gateway.calls());
    }

    private static Answer call(
            RunningGateway gateway, @Nullable String token, String method, String path, @Nullable String body) {
        String[] headers = {"If-Match", "\"1\"", "Idempotency-Key", "k"};
        if (!path.endsWith("/events")) {
            return gateway.call(token, method, path, body, headers);
        }
        HttpResponse<InputStream> stream = gateway.open(token, path, headers);
        try (InputStream answer = stream.body()) {
            boolean ends = stream.statusCode() != 200;
            return new Answer(
                    stream.statusCode(),
                    stream.headers(),
                    ends ? new String(answer.readAllBytes(), StandardCharsets.UTF_8) : "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String tokenOf(int column, Registered own, Registered other) {
        return switch (column) {
            case 0 -> RunningGateway.ADMIN;
            case 1 -> own.token("owner");
            case 2 -> own.token("reader");
            case 3 -> own.hostToken();
            case 4 -> other.token("owner");
            case 5 -> other.token("reader");
            default -> "";
        };
    }

    private static String code(int status) {
        return switch (status) {
            case 400 -> "invalid-request";
            case 401 -> "unauthenticated";
            case 403 -> "not-allowed";
            default -> "not-found";
        };
    }
}
