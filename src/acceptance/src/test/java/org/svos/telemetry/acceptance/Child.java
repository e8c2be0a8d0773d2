package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process of a test's own. Its output goes to a file; it ends with the test, and the kernel ends it should the test's
 * own JVM be killed.
 */
final class Child implements Program {

    private final String name;
    private final Process process;
    private final Path log;

    private Child(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Starts a command with these additional environment variables; the log is appended to. */
    static Child start(String name, Path log, Map<String, String> environment, List<String> command) {
        return start(name, log, environment, command, "KILL");
    }

    /** The same, for what has to clear up after itself: if nobody ends it, it is asked to end once the test's JVM is gone. */
    static Child startToTheEnd(String name, Path log, List<String> command) {
        return start(name, log, Map.of(), command, "TERM");
    }

    private static Child start(
            String name, Path log, Map<String, String> environment, List<String> command, String signalAtOurEnd) {
        List<String> line = new ArrayList<>(List.of("setpriv", "--pdeathsig", signalAtOurEnd));
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return new Child(name, process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command that runs a jar on the JVM of this test, with this much heap. */
    static List<String> java(String heap, Path jar, String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                jar.toString()));
        line.addAll(List.of(arguments));
        return line;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public String output() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the output holds this text. */
    void awaitOutput(String text, Duration limit) {
        Eventually.within(limit, () -> {
            if (output().contains(text)) {
                return;
            }
            requireAlive();
            throw new AssertionError("\"" + text + "\" is not in the output of " + name + ":\n" + output());
        });
    }

    @Override
    public void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    name + " has ended by itself with " + process.exitValue() + ":\n" + output());
        }
    }

    @Override
    public int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " has not ended within " + limit + ":\n" + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void terminate() {
        process.destroy();
    }

    @Override
    public void signal(String name) {
        try (Child kill = start("kill", log, Map.of(), List.of("kill", "-" + name, Long.toString(process.pid())))) {
            if (kill.awaitExit(GRACE) != 0) {
                throw new IllegalStateException("no SIG" + name + " for " + this.name);
            }
        }
    }

    @Override
    public void kill() {
        process.destroyForcibly();
        awaitExit(GRACE);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
