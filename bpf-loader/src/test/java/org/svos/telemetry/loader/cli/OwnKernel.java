package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.svos.telemetry.loader.attach.KernelFiles;
import org.svos.telemetry.loader.attach.Lack;
import org.svos.telemetry.loader.attach.Preflight;
import org.svos.telemetry.loader.config.Config;

/** This machine's own kernel, probed through the user-space library with the same five functions. */
public final class OwnKernel {

    private static final Path BUILD = Path.of(System.getProperty("telemetry.native", "target/native"));
    public static final Path LIBRARY = BUILD.resolve("libsvos-telemetry.so").toAbsolutePath();

    private OwnKernel() {}

    /** Ends the test as not run, and prints why, where this kernel cannot be probed or we may not. */
    public static void assumeItCanBeProbed() {
        List<Lack> lacks = Preflight.look(
                        new Config.Attach(Config.Attach.Mechanism.UPROBE, LIBRARY, "libbpf.so.1"),
                        KernelFiles.OF_THIS_MACHINE)
                .lacks();
        if (!lacks.isEmpty()) {
            lacks.forEach(lack -> System.err.println("NOT RUN, as this machine is lacking: " + lack.line()));
            Assumptions.abort(
                    "this kernel cannot be probed: " + lacks.getFirst().line());
        }
    }

    /** Runs the library's example, which calls the five functions, with so many further messages. */
    static void callAll(long messages, String sandbox) throws IOException, InterruptedException {
        Process example = new ProcessBuilder(
                        BUILD.resolve("telemetry-example").toAbsolutePath().toString(),
                        Long.toString(messages),
                        sandbox)
                .inheritIO()
                .start();
        if (example.waitFor() != 0) {
            throw new IOException("the example failed");
        }
    }

    static boolean isRoot() throws IOException {
        return Files.readString(Path.of("/proc/self/status")).contains("\nUid:\t0\t");
    }
}
