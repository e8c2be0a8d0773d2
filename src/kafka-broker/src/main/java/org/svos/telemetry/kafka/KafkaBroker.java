package org.svos.telemetry.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker, and its controller, in a process of its own on loopback ports: started, killed as by a power cut of the process
 * alone, and started again on what it has left. The kernel ends it should the test's own JVM be killed.
 */
public final class KafkaBroker implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(20);
    private static final long LOOK_MILLIS = 50;
    private static final String HEAP = "-Xmx256m";
    private static final String CLUSTER = "dGVsZW1ldHJ5LXRlc3RzMQ";

    private final Path folder;
    private final int port;
    private @Nullable Process process;

    private KafkaBroker(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts one, and waits until it answers.
     *
     * @param folder for its data, its settings and its log; made if it is not there
     * @param settings of the broker, beside or instead of those that it has anyway
     */
    public static KafkaBroker start(Path folder, Map<String, String> settings) {
        try {
            Files.createDirectories(folder);
            int port = freePort();
            var broker = new KafkaBroker(folder, port);
            Files.writeString(broker.settingsFile(), settings(folder, port, freePort(), settings));
            Process format = broker.run(
                    "kafka.tools.StorageTool",
                    "format",
                    "-t",
                    CLUSTER,
                    "-c",
                    broker.settingsFile().toString());
            if (format.waitFor() != 0) {
                throw new IllegalStateException("the broker's storage could not be made:\n" + broker.log());
            }
            broker.restart();
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String settings(Path folder, int port, int controllerPort, Map<String, String> own) {
        Map<String, String> all = new TreeMap<>(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controllerPort),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort),
                Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                Map.entry("log.dirs", folder.resolve("data").toString()),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                // After a kill its controller lets it in again once the session before is over.
                Map.entry("broker.session.timeout.ms", "2000"),
                Map.entry("broker.heartbeat.interval.ms", "500"),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "2"),
                Map.entry("log.cleaner.enable", "false")));
        all.putAll(own);
        StringBuilder text = new StringBuilder();
        all.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString();
    }

    /** Starts it on what it has, and waits until it answers. Not while it runs. */
    public void restart() {
        try {
            process = run("kafka.Kafka", settingsFile().toString());
            awaitAnswer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + START.toNanos();
        while (!answers()) {
            if (!isAlive()) {
                throw new IllegalStateException("the broker has ended by itself:\n" + log());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("the broker does not answer:\n" + log());
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where clients begin: {@code 127.0.0.1:port}, the same after each restart. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** The process that runs or ran last, for who stops and continues it. */
    public long pid() {
        return process == null ? -1 : process.pid();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Ends it with SIGKILL, and waits until it has ended. */
    public void kill() {
        end(true);
    }

    /** What it has told. */
    public String log() {
        try {
            return Files.readString(logFile(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "no log: " + e.getMessage();
        }
    }

    /** Ends it; what it has kept stays in its folder. */
    @Override
    public void close() {
        end(false);
    }

    private void end(boolean atOnce) {
        Process running = process;
        if (running == null) {
            return;
        }
        try {
            if (!atOnce) {
                running.destroy();
                if (running.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            running.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private Process run(String main, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                "setpriv",
                "--pdeathsig",
                "KILL",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                main));
        line.addAll(List.of(arguments));
        Process started = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                .start();
        started.getOutputStream().close();
        return started;
    }

    private Path settingsFile() {
        return folder.resolve("broker.properties");
    }

    private Path logFile() {
        return folder.resolve("broker.log");
    }

    private static String classPath() throws IOException {
        try (InputStream file = KafkaBroker.class.getResourceAsStream("class-path")) {
            if (file == null) {
                throw new IllegalStateException("the build has not written where the broker's jars are");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
