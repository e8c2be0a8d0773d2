package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The five functions in a user-space library of a test's own, and the example that calls them: a copy of both, so that nobody
 * else's calls are captured.
 *
 * @param folder that has them
 */
record ProbedLibrary(Path folder) {

    private static final Path NATIVE = Build.TREE.resolve("bpf-loader/target/native");
    private static final String LIBRARY = "libsvos-telemetry.so";
    private static final String EXAMPLE = "telemetry-example";

    static ProbedLibrary copyTo(Path folder) {
        try {
            for (String name : List.of(LIBRARY, EXAMPLE)) {
                Files.copy(NATIVE.resolve(name), folder.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ProbedLibrary(folder);
    }

    Path file() {
        return folder.resolve(LIBRARY);
    }

    /** Runs the example in a process of its own: it makes its five calls and so many further messages. */
    void runExample(int messages, String sandbox) {
        try (Child example = Child.start(
                "the example",
                folder.resolve("example.log"),
                Map.of(),
                List.of(folder.resolve(EXAMPLE).toString(), Integer.toString(messages), sandbox))) {
            if (example.awaitExit(Duration.ofSeconds(30)) != 0) {
                throw new IllegalStateException("the example failed:\n" + example.output());
            }
        }
    }
}
