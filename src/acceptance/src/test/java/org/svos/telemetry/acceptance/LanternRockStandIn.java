package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/** The stand-in for Lantern Rock as a program of its own; its port and its files outlive a stop and a start. */
final class LanternRockStandIn implements AutoCloseable {

    private final Path files;
    private final int port;
    private final Supplier<? extends Program> start;
    private Program program;

    LanternRockStandIn(Path folder) {
        Path received = folder.resolve("lantern-rock");
        int free = Build.freePort();
        this(
                received,
                free,
                () -> Child.start(
                        "the Lantern Rock stand-in",
                        folder.resolve("lantern-rock.log"),
                        Map.of(),
                        Child.java(
                                "96m",
                                Build.LANTERN_ROCK,
                                "--port",
                                Integer.toString(free),
                                "--data",
                                received.toString())));
    }

    /**
     * One that runs wherever it is started.
     *
     * @param files where it keeps what it receives
     * @param port that it listens on, on the loopback interface
     */
    LanternRockStandIn(Path files, int port, Supplier<? extends Program> start) {
        this.files = files;
        this.port = port;
        this.start = start;
        this.program = start.get();
        awaitListening();
    }

    private void awaitListening() {
        Eventually.within(Duration.ofSeconds(30), () -> {
            program.requireAlive();
            try {
                assertThat(Http.get(url() + "/records", Map.of()).status()).isEqualTo(200);
            } catch (UncheckedIOException e) {
                throw new AssertionError("the stand-in does not answer yet", e);
            }
        });
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Where it keeps what it received. */
    Path files() {
        return files;
    }

    void stop() {
        program.stop();
    }

    void startAgain() {
        program = start.get();
        awaitListening();
    }

    /** What was delivered for a database, in order. */
    List<JsonNode> records(String database) {
        Http.Answer answer = Http.get(url() + "/records?database=" + database, Map.of());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body()
                .lines()
                .filter(line -> !line.isBlank())
                .map(Http.JSON::readTree)
                .toList();
    }

    /** Waits until so many events have come for a database and no other, numbered from 1 on, each once and in order. */
    void awaitInOrder(String database, long events) {
        List<Long> expected = LongStream.rangeClosed(1, events).boxed().toList();
        Eventually.within(
                Duration.ofSeconds(30),
                () -> assertThat(records(database))
                        .extracting(record -> record.path("seq").asLong())
                        .isEqualTo(expected));
    }

    /** Changes how it answers, as in the contract's {@code PUT /behaviour}. */
    void behave(String json) {
        Http.Answer answer = Http.send("PUT", url() + "/behaviour", Map.of("Content-Type", "application/json"), json);
        assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
    }

    @Override
    public void close() {
        program.close();
    }
}
