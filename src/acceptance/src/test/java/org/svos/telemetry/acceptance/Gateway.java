package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The gateway as a program of its own; its ports and its store outlive a kill and a start. */
final class Gateway implements Api {

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

    @Override
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public boolean isCertain() {
        return true;
    }

    int port() {
        return port;
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

    long pid() {
        return program.pid();
    }

    /** Sends it a signal, such as {@code STOP} or {@code CONT}. */
    void signal(String name) {
        program.signal(name);
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

    @Override
    public void close() {
        program.close();
    }
}
