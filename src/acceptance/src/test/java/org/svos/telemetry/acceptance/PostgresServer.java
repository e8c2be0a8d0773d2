package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A PostgreSQL as a program of its own, with its usual promises about the disk; its data and its port outlive a kill and a start. */
final class PostgresServer implements AutoCloseable {

    static final String USER = "postgres";

    private static final Duration START = Duration.ofSeconds(60);

    private final Path folder;
    private final Path data;
    private final Path postgres;
    private final int port = Build.freePort();
    private Child program;

    /** One that is ready, with its data in a folder. */
    PostgresServer(Path folder) {
        this.folder = made(folder);
        this.data = folder.resolve("data");
        this.postgres = prepare();
        this.program = start();
        awaitReady();
    }

    private static Path made(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Unpacks it and makes its data's folder, by a first start; where its program is. */
    private Path prepare() {
        try (EmbeddedPostgres _ = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start()) {
            String process = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
            return Files.readSymbolicLink(Path.of("/proc", process, "exe"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Child start() {
        // It refuses to run as root. In a name space of its own it is nobody, and still may write what is root's here.
        return Child.start(
                "PostgreSQL",
                folder.resolve("postgresql.log"),
                Map.of(),
                List.of(
                        "unshare",
                        "--user",
                        "setpriv",
                        "--pdeathsig",
                        "KILL",
                        postgres.toString(),
                        "-D",
                        data.toString(),
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "max_connections=200",
                        "-c",
                        "shared_buffers=256MB"));
    }

    /** Of its first process. */
    long pid() {
        return program.pid();
    }

    int port() {
        return port;
    }

    /** The address of its one database, by a way to it. */
    static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    void awaitReady() {
        Eventually.within(START, () -> {
            program.requireAlive();
            try (Connection connection = DriverManager.getConnection(url(port), USER, "");
                    Statement statement = connection.createStatement()) {
                assertThat(statement.execute("select 1")).isTrue();
            } catch (SQLException e) {
                throw new AssertionError("PostgreSQL does not answer yet", e);
            }
        });
    }

    /** Runs a statement. */
    void run(String sql) {
        try (Connection connection = DriverManager.getConnection(url(port), USER, "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SIGKILL of its first process, with which the others go. */
    void kill() {
        program.kill();
    }

    /** Starts it again after a kill: it recovers from its log. */
    void startAgain() {
        Eventually.within(START, () -> {
            program = start();
            try {
                awaitReady();
            } catch (IllegalStateException e) {
                throw new AssertionError("the killed one's other processes still hold its memory", e);
            }
        });
    }

    @Override
    public void close() {
        program.close();
    }
}
