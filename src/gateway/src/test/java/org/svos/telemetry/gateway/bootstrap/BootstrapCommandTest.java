package org.svos.telemetry.gateway.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.SharedGateway;

/** The command against a whole gateway. */
@ExtendWith(SharedGateway.class)
class BootstrapCommandTest {

    private static final Map<String, String> AS_ADMIN = Map.of("TELEMETRY_ADMIN_TOKEN", RunningGateway.ADMIN);

    @TempDir
    private Path folder;

    private record Result(int code, String output) {}

    private Result run(Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int code = BootstrapCommand.run(
                Arrays.asList(arguments),
                environment,
                new PrintStream(output, true, StandardCharsets.UTF_8),
                Duration.ofMillis(1));
        return new Result(code, output.toString(StandardCharsets.UTF_8));
    }

    private static String url(RunningGateway gateway) {
        return "http://127.0.0.1:" + gateway.port();
    }

    private String file(String json) throws IOException {
        return Files.writeString(folder.resolve("bootstrap.json"), json).toString();
    }

    @Test
    void itRegistersWhatIsListedAndCheckSaysSo(RunningGateway gateway) throws IOException {
        String file = file("""
            {"databases": [{"name": "boot-one", "owner": "me@example.org", "size": "small", "sandboxes":
              ["B0070001-0000-0000-0000-000000000001", "b0070001-0000-0000-0000-000000000002"]}]}\
            """);

        Result before = run(AS_ADMIN, "--check", url(gateway), file);
        Result registered = run(AS_ADMIN, url(gateway), file);
        Result after = run(AS_ADMIN, "--check", url(gateway), file);

        assertThat(before.code()).isEqualTo(1);
        assertThat(before.output()).contains("FAILED: database boot-one: 404 not-found");
        assertThat(registered).as(registered.output()).extracting(Result::code).isEqualTo(0);
        assertThat(after).as(after.output()).extracting(Result::code).isEqualTo(0);
        assertThat(gateway.admin("GET", "/api/v1/databases/boot-one", null)
                        .json()
                        .at("/quota/bytesPerDay")
                        .asLong())
                .isEqualTo(1 << 20);
        assertThat(gateway.admin("GET", "/api/v1/databases/boot-one/sandboxes", null)
                        .json()
                        .at("/items")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void whatIsRegisteredAlreadyStaysAsItIsAndWhatIsMissingIsAdded(RunningGateway gateway) throws IOException {
        gateway.admin(
                "POST",
                "/api/v1/databases",
                "{\"name\": \"boot-two\", \"owner\": \"first@example.org\", \"size\": \"large\"}");
        String file = file("""
            {"databases": [{"name": "boot-two", "owner": "second@example.org", "size": "small",
              "sandboxes": ["b0070002-0000-0000-0000-000000000001"]}]}\
            """);

        Result unregistered = run(AS_ADMIN, "--check", url(gateway), file);
        Result result = run(AS_ADMIN, url(gateway), file);

        assertThat(unregistered.output()).contains("sandbox b0070002-0000-0000-0000-000000000001 is not registered");
        assertThat(result.code()).as(result.output()).isEqualTo(0);
        assertThat(result.output()).contains("database boot-two: was registered before, and is left as it is");
        assertThat(gateway.admin("GET", "/api/v1/databases/boot-two", null).text("owner"))
                .isEqualTo("first@example.org");
        assertThat(run(AS_ADMIN, "--check", url(gateway), file).code()).isEqualTo(0);
    }

    @Test
    void whatIsRefusedIsToldAndTheRestIsRegistered(RunningGateway gateway) throws IOException {
        String file = file("""
            {"databases": [
              {"name": "boot-three", "owner": "me@example.org", "sandboxes": ["b0070003-0000-0000-0000-000000000001"]},
              {"name": "boot-four", "owner": "me@example.org", "sandboxes": ["b0070003-0000-0000-0000-000000000001"]},
              {"name": "boot-five", "owner": "me@example.org", "size": "huge"},
              {"name": "boot-six", "owner": "me@example.org"}]}\
            """);

        Result result = run(AS_ADMIN, url(gateway), file);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.output())
                .contains("database boot-four: sandbox b0070003-0000-0000-0000-000000000001: 409 belongs-elsewhere")
                .contains("database boot-five: 400 invalid-request")
                .contains("/size")
                .contains("database boot-six: registered");
    }

    @Test
    void aTokenThatIsNoneOrNotTheAdminsIsTold(RunningGateway gateway) throws IOException {
        String file = file("{\"databases\": [{\"name\": \"boot-seven\", \"owner\": \"me@example.org\"}]}");

        assertThat(run(Map.of(), url(gateway), file))
                .isEqualTo(new Result(2, "bootstrap: no admin token: set TELEMETRY_ADMIN_TOKEN\n"));
        assertThat(run(Map.of("TELEMETRY_ADMIN_TOKEN", "another"), url(gateway), file)
                        .output())
                .contains("FAILED: database boot-seven: 401 unauthenticated")
                .doesNotContain("another");
    }

    @Test
    void withoutDatabasesItAsksOnlyWhetherTheGatewayIsReady(RunningGateway gateway) throws IOException {
        assertThat(run(Map.of(), "--check", url(gateway) + "/", file("{\"databases\": []}"))
                        .code())
                .isEqualTo(0);
        assertThat(run(Map.of(), "--check", "http://127.0.0.1:1", file("{\"databases\": []}")))
                .satisfies(result -> assertThat(result.code()).isEqualTo(1))
                .satisfies(result -> assertThat(result.output()).contains("http://127.0.0.1:1/readyz does not answer"));
    }

    @Test
    void whatIsNotUnderstoodIsTold() throws IOException {
        String noJson = file("databases:");

        assertThat(run(AS_ADMIN, "http://127.0.0.1:1", noJson).output()).contains(noJson + " cannot be read as JSON");
        assertThat(run(AS_ADMIN, "http://127.0.0.1:1", file("{\"databases\": [{}]}"))
                        .output())
                .contains("databases[0] must be an object with a name");
        assertThat(run(AS_ADMIN, "gateway:8080", file("{}")).output()).contains("give one like http://host:8080");
        assertThat(run(AS_ADMIN, "http://127.0.0.1:1").code()).isEqualTo(2);
        assertThat(run(AS_ADMIN, "http://127.0.0.1:1", folder + "/none").code()).isEqualTo(2);
    }
}
