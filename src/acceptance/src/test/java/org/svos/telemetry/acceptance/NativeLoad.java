package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The load of the benchmarks, {@code load.c}: a process on core 1.
 *
 * @param program that is run
 * @param folder for what it says
 */
record NativeLoad(Path program, Path folder) {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /**
     * What is posted.
     *
     * @param sandbox 28 characters of its ID; the last eight are a number in hexadecimal digits
     * @param sandboxes for how many, numbered from 0 on, in turns
     * @param first the number of the one that it begins with
     * @param events of each batch
     */
    record Batches(String sandbox, int sandboxes, long first, int events) {}

    /**
     * What it told at its end.
     *
     * @param refused that were not answered 2xx; of the first of these it said how
     * @param p50 of the answers, in microseconds
     * @param bodyBytes of each
     */
    record Told(long requests, double seconds, long refused, double p50, double p99, int bodyBytes, String said) {}

    /** One that runs. */
    record Running(Child process, Path output) {

        /** Waits for its end. */
        Told told() {
            int code = process.awaitExit(PATIENCE);
            List<String> lines;
            try {
                lines = Files.readAllLines(output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            String said = String.join("\n", lines);
            // requests, their microseconds in all, failures, p50, p99, own microseconds of CPU, bytes of a body
            String[] fields = lines.isEmpty() ? new String[0] : lines.getLast().split(" ", -1);
            if (code != 0 || fields.length != 7) {
                throw new IllegalStateException("the load failed: " + said);
            }
            return new Told(
                    Long.parseLong(fields[0]),
                    Double.parseDouble(fields[1]) / 1e6,
                    Long.parseLong(fields[2]),
                    Double.parseDouble(fields[3]),
                    Double.parseDouble(fields[4]),
                    Integer.parseInt(fields[6]),
                    said);
        }
    }

    /**
     * Begins to post to a port of this machine.
     *
     * @param rate requests a second; 0: as fast as they are answered
     */
    Running start(int port, String token, Batches batches, int connections, int seconds, int rate) {
        Path output = folder.resolve("load-" + UUID.randomUUID());
        return new Running(
                Child.start(
                        "the load",
                        output,
                        Map.of(),
                        List.of(
                                "taskset",
                                "-c",
                                "1",
                                program.toString(),
                                Integer.toString(port),
                                "/api/v1/sandboxes/" + batches.sandbox() + "00000000/batches",
                                token,
                                "gateway",
                                Integer.toString(batches.events()),
                                Integer.toString(connections),
                                Integer.toString(seconds),
                                Integer.toString(rate),
                                Integer.toString(batches.sandboxes()),
                                Long.toString(batches.first()))),
                output);
    }
}
