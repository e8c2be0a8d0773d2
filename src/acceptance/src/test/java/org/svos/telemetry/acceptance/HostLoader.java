package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
                        "TELEMETRY_HOST_GATEWAY_URL", registered.api().url(),
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

    /** With the options that it has on a host, so that it has no more memory than there. */
    private static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Build.TREE.resolve("bpf-loader/jvm.options"),
                "-jar",
                Build.HOST_LOADER.toString(),
                "run");
    }

    private Child launch() {
        Child started = Child.start("the host loader", folder.resolve("host-loader.log"), environment, command());
        started.awaitOutput("capturing: ", Duration.ofSeconds(30));
        return started;
    }

    /** The port of its metrics: the last that it has told, as another start has another. */
    int port() {
        return PORT.matcher(child.output())
                .results()
                .mapToInt(port -> Integer.parseInt(port.group(1)))
                .reduce((first, second) -> second)
                .orElseThrow(
                        () -> new IllegalStateException("the host loader does not tell its port:\n" + child.output()));
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
        startAgain(Map.of());
    }

    /** The same with other settings from now on. */
    void startAgain(Map<String, String> other) {
        environment.putAll(other);
        child = launch();
    }

    /** What it logged, also before it was started again. */
    String output() {
        return child.output();
    }

    /** What it tells of itself, for people. */
    String status() {
        return Http.get("http://127.0.0.1:" + port() + "/status", Map.of()).body();
    }

    /** Its resident memory, in MiB. */
    double residentMib() {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(child.pid()), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElseThrow()
                    / 1024.0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
