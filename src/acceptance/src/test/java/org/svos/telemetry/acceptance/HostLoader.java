package org.svos.telemetry.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host loader as a process, capturing by uprobes from a program of this test's own.
 */
final class HostLoader implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("status on http://127\\.0\\.0\\.1:(\\d+)/status");

    private final Path folder;
    private final ProbedLibrary library;
    private final Map<String, String> environment;
    private Child child;

    HostLoader(Path folder, Registered registered) {
        this(folder, registered, Map.of());
    }

    /** The same, with more settings, as environment variables. */
    HostLoader(Path folder, Registered registered, Map<String, String> more) {
        this.folder = folder;
        this.library = ProbedLibrary.copyTo(folder);
        this.environment = environment(
                folder,
                Map.of(
                        "TELEMETRY_HOST_GATEWAY_URL", registered.gateway().url(),
                        "TELEMETRY_HOST_TOKEN_FILE",
                                registered.writeToken(folder).toString(),
                        "TELEMETRY_HOST_ATTACH_MECHANISM", "uprobe",
                        "TELEMETRY_HOST_ATTACH_LIBRARY", library.file().toString(),
                        "TELEMETRY_HOST_UPLOAD_LONGEST_PAUSE", "1s"));
        this.environment.putAll(more);
        this.child = launch();
    }

    private static Map<String, String> environment(Path folder, Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(more);
        all.put("TELEMETRY_HOST_DATA", folder.resolve("host-loader").toString());
        all.put("TELEMETRY_HOST_HTTP_PORT", "0");
        all.put("TELEMETRY_HOST_PINS", "");
        return all;
    }

    /** Starts one that is expected to end by itself, and waits for that. */
    static Child refused(Path folder, List<String> prefix, Map<String, String> more) {
        List<String> line = new ArrayList<>(prefix);
        line.addAll(Child.java("96m", Build.HOST_LOADER, "run"));
        Child child = Child.start("the host loader", folder.resolve("refused.log"), environment(folder, more), line);
        child.awaitExit(Duration.ofSeconds(30));
        return child;
    }

    private Child launch() {
        Child started = Child.start(
                "the host loader",
                folder.resolve("host-loader.log"),
                environment,
                Child.java("96m", Build.HOST_LOADER, "run"));
        started.awaitOutput("capturing: ", Duration.ofSeconds(30));
        return started;
    }

    /** The port of its metrics. */
    int port() {
        Matcher port = PORT.matcher(child.output());
        if (!port.find()) {
            throw new IllegalStateException("the host loader does not tell its port:\n" + child.output());
        }
        return Integer.parseInt(port.group(1));
    }

    /** Makes five calls and so many further messages. */
    void runExample(int messages, String sandbox) {
        library.runExample(messages, sandbox);
    }

    /** SIGTERM: it must end well; the line of its ledger. */
    String stop() {
        int exitCode = child.stop();
        String ledger = child.output()
                .lines()
                .filter(line -> line.startsWith("ledger: "))
                .reduce((first, second) -> second)
                .orElse("no ledger");
        if (exitCode != 0) {
            throw new AssertionError("the host loader ended with " + exitCode + ":\n" + child.output());
        }
        return ledger;
    }

    void startAgain() {
        child = launch();
    }

    @Override
    public void close() {
        child.close();
    }
}
