package org.svos.telemetry.loader.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The loader in a process of its own, with its output in a file. */
final class LoaderProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LEDGER = Pattern.compile(
            "ledger: seen (\\d+), captured (\\d+), accepted (\\d+), rejected (\\d+), waiting (\\d+), lost (\\d+)(?:, withheld (\\d+))?");

    private final Process process;
    private final Path output;

    /** The numbers of a ledger line. */
    record Ledger(long seen, long captured, long accepted, long rejected, long waiting, long lost, long withheld) {

        Ledger(long seen, long captured, long accepted, long rejected, long waiting, long lost) {
            this(seen, captured, accepted, rejected, waiting, lost, 0);
        }
    }

    private LoaderProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts a command. */
    static LoaderProcess start(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        return start(folder, environment, List.of(), List.of(arguments));
    }

    static LoaderProcess start(
            Path folder, Map<String, String> environment, List<String> wrapper, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments);
        Path output = Files.createTempFile(folder, "loader", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // Nothing is to stay in this machine's kernel but where a test is about that.
        builder.environment().put("TELEMETRY_HOST_PINS", "");
        builder.environment().putAll(environment);
        return new LoaderProcess(builder.start(), output);
    }

    String output() throws IOException {
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    /** Waits for a line that begins so. */
    String awaitLine(String beginning) throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            for (String line : output().lines().toList()) {
                if (line.startsWith(beginning)) {
                    return line;
                }
            }
            assertThat(process.isAlive()).as("it runs; it said:\n" + output()).isTrue();
            assertThat(Instant.now())
                    .as("waited too long; it said:\n" + output())
                    .isBefore(deadline);
            Thread.sleep(10);
        }
    }

    /** Waits for the end, and returns the exit code. */
    int await() throws IOException, InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("it ends; it said:\n" + output())
                .isTrue();
        return process.exitValue();
    }

    /** SIGTERM, as systemd does. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGHUP, as systemd does to have the settings read again. */
    void reload() throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    void kill() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    static Ledger ledger(String text) {
        Matcher matcher = LEDGER.matcher(text);
        Ledger last = null;
        while (matcher.find()) {
            last = new Ledger(
                    Long.parseLong(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    Long.parseLong(matcher.group(3)),
                    Long.parseLong(matcher.group(4)),
                    Long.parseLong(matcher.group(5)),
                    Long.parseLong(matcher.group(6)),
                    matcher.group(7) == null ? 0 : Long.parseLong(matcher.group(7)));
        }
        if (last == null) {
            throw new AssertionError("no ledger in:\n" + text);
        }
        return last;
    }

    Ledger ledger() throws IOException {
        return ledger(output());
    }

    @Override
    public void close() {
        kill();
    }
}
