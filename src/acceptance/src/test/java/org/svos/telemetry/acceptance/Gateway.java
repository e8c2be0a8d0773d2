package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** The gateway as a program of its own; its ports and its store outlive a kill and a start. */
final class Gateway implements AutoCloseable {

    static final String ADMIN_TOKEN = "an-admin-token-of-the-acceptance-tests-0123456789";

    private final Path data;
    private final int port;
    private final int managementPort;
    private final Supplier<? extends Program> start;
    private Program program;

    /** One that is ready. */
    Gateway(Path folder, LanternRockStandIn lanternRock) {
        this(folder, lanternRock.url(), Child.java("256m", Build.GATEWAY), Map.of());
        awaitReady();
    }

    /**
     * One that begins to start.
     *
     * @param lanternRock base address
     * @param command that runs it
     * @param settings of its own, as environment variables
     */
    Gateway(Path folder, String lanternRock, List<String> command, Map<String, String> settings) {
        this.data = folder.resolve("gateway");
        this.port = Build.freePort();
        this.managementPort = Build.freePort();
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("SERVER_PORT", Integer.toString(port));
        all.put("SERVER_ADDRESS", "127.0.0.1");
        all.put("MANAGEMENT_SERVER_PORT", Integer.toString(managementPort));
        all.put("TELEMETRY_DATA", data.toString());
        all.put("TELEMETRY_LANTERN_ROCK_URL", lanternRock);
        all.put("TELEMETRY_ADMIN_TOKEN", ADMIN_TOKEN);
        this.start = () -> Child.start("the gateway", folder.resolve("gateway.log"), all, command);
        this.program = start.get();
    }

    /**
     * One that begins to start, wherever it is.
     *
     * @param data where it keeps all that outlives it
     * @param port of the API, on the loopback interface
     * @param managementPort the same
     * @param start starts it, with {@link #ADMIN_TOKEN}
     */
    Gateway(Path data, int port, int managementPort, Supplier<? extends Program> start) {
        this.data = data;
        this.port = port;
        this.managementPort = managementPort;
        this.start = start;
        this.program = start.get();
    }

    void awaitReady() {
        Eventually.within(Duration.ofSeconds(90), () -> {
            program.requireAlive();
            try {
                assertThat(Http.get(url() + "/readyz", Map.of()).status()).isEqualTo(200);
            } catch (UncheckedIOException e) {
                throw new AssertionError("the gateway does not answer yet", e);
            }
        });
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    String managementUrl() {
        return "http://127.0.0.1:" + managementPort;
    }

    /** Where it keeps all that outlives it. */
    Path data() {
        return data;
    }

    void kill() {
        program.kill();
    }

    /** SIGTERM, without waiting for what comes of it. */
    void terminate() {
        program.terminate();
    }

    int awaitExit(Duration limit) {
        return program.awaitExit(limit);
    }

    boolean isAlive() {
        return program.isAlive();
    }

    String output() {
        return program.output();
    }

    /** Begins to start it again; only after its end. */
    void launch() {
        program = start.get();
    }

    void startAgain() {
        launch();
        awaitReady();
    }

    /** A call of the admin's. */
    Http.Answer admin(String method, String path, String body) {
        return admin(method, path, Map.of(), body);
    }

    Http.Answer admin(String method, String path, Map<String, String> headers, String body) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Authorization", "Bearer " + ADMIN_TOKEN);
        if (!body.isEmpty()) {
            all.put("Content-Type", "application/json");
        }
        return Http.send(method, url() + path, all, body);
    }

    /** Registers a database of the medium size and one sandbox, and makes a token that may post for it. */
    Registered register(String database) {
        return register(database, "\"size\": \"medium\"");
    }

    /** The same with the quota or size given as members of the call's body. */
    Registered register(String database, String quota) {
        return register(database, quota, UUID.randomUUID().toString());
    }

    Registered register(String database, String quota, String sandbox) {
        created(admin(
                "POST",
                "/api/v1/databases",
                "{\"name\": \"" + database + "\", \"owner\": \"acceptance\", \"description\": \"\", " + quota + "}"));
        registerSandbox(database, sandbox);
        JsonNode token = created(admin(
                "POST",
                "/api/v1/tokens",
                "{\"role\": \"host\", \"name\": \"" + database + "\", \"databases\": [\"" + database + "\"]}"));
        return new Registered(this, database, sandbox, token.path("secret").asString());
    }

    void registerSandbox(String database, String sandbox) {
        created(admin("POST", "/api/v1/databases/" + database + "/sandboxes", "{\"id\": \"" + sandbox + "\"}"));
    }

    private static JsonNode created(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json();
    }

    /** A database's ledger, in events. */
    JsonNode ledger(String database) {
        Http.Answer answer = admin("GET", "/api/v1/databases/" + database + "/ledger", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    @Override
    public void close() {
        program.close();
    }
}
