package org.svos.telemetry.gateway.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL, one for all tests of this process, which ends with it; and a database of its own for each test. */
public final class TestServer {

    /** What the driver calls the server's user of everything. */
    public static final String USER = "postgres";

    private static final AtomicInteger databases = new AtomicInteger();

    private TestServer() {}

    private static final class Running {

        private static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setServerConfig("max_connections", "200")
                        .start();
                create(server, "pattern", "template0");
                // Migrated once; what is made of it has its tables.
                ServerStore.open(settings(server, "pattern"), null).close();
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void create(EmbeddedPostgres server, String name, String pattern) {
        run(server, "create database " + name + " template " + pattern + " strategy file_copy");
    }

    private static void run(EmbeddedPostgres server, String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes an empty database with the gateway's tables; its name. */
    public static String database() {
        String name = "test" + databases.incrementAndGet();
        create(Running.SERVER, name, "pattern");
        return name;
    }

    /** Makes a database with nothing in it; its name. */
    public static String bareDatabase() {
        String name = "test" + databases.incrementAndGet();
        create(Running.SERVER, name, "template0");
        return name;
    }

    /** Runs a statement as the server's owner, outside of every test's database. */
    public static void run(String sql) {
        run(Running.SERVER, sql);
    }

    /** The address of a database. */
    public static String url(String database) {
        return Running.SERVER.getJdbcUrl(USER, database);
    }

    /** A store on that database. */
    public static Store open(String database, @Nullable InstantSource clock) {
        return ServerStore.open(settings(Running.SERVER, database), clock);
    }

    /** The same for a move to it. */
    public static Store openToMove(String database) {
        return ServerStore.openToMove(settings(database));
    }

    /** The settings of a store on that database. */
    public static ServerSettings settings(String database) {
        return settings(Running.SERVER, database);
    }

    private static ServerSettings settings(EmbeddedPostgres server, String database) {
        return new ServerSettings(
                server.getJdbcUrl(USER, database), USER, "", "", 8, Duration.ofSeconds(3), Duration.ofSeconds(5));
    }
}
