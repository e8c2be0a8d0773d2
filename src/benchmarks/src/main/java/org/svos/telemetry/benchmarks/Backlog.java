package org.svos.telemetry.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a backlog costs on a PostgreSQL: a spool is filled, and batches are admitted, read and delivered beside what waits. In turns
 * with the spool as it is, and with rows deleted 500 at a time as the version before did it.
 *
 * <p>Arguments: a folder for the server's data, events, databases, seconds of a run of admission, rounds. Everything runs in this
 * process but the server; Lantern Rock is left out.
 */
public final class Backlog {

    private final EmbeddedPostgres server;
    private final int events;
    private final int databases;
    private final int seconds;
    private final Map<String, List<Double>> figures = new LinkedHashMap<>();

    private Backlog(EmbeddedPostgres server, int events, int databases, int seconds) {
        this.server = server;
        this.events = events;
        this.databases = databases;
        this.seconds = seconds;
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[4]);
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(Path.of(arguments[0]))
                .setServerConfig("max_connections", "100")
                .setServerConfig("shared_buffers", "512MB")
                .setServerConfig("max_wal_size", "2GB")
                .start()) {
            var backlog = new Backlog(
                    server,
                    Integer.parseInt(arguments[1]),
                    Integer.parseInt(arguments[2]),
                    Integer.parseInt(arguments[3]));
            backlog.warmUp();
            for (int round = 0; round < rounds; round++) {
                for (Sweeping sweeping : Sweeping.values()) {
                    backlog.round(round, sweeping);
                }
            }
            backlog.print();
        }
    }

    /** How passed pieces go. */
    enum Sweeping {
        /** Whole partitions, as the gateway does it. */
        RING,
        /** Row by row, as the version before did it, with the server's own cleaning behind it. */
        DELETE
    }

    /** Until this process's own code is compiled. */
    private void warmUp() throws Exception {
        run("create database backlog_warm_up");
        try (var site = new BacklogSite(server.getJdbcUrl("postgres", "backlog_warm_up"), databases, Sweeping.RING)) {
            site.admit(2 * seconds);
            site.append(events / 20);
            site.nextMillis(true);
            site.gaugesMillis();
            site.drain();
        }
        run("drop database backlog_warm_up with (force)");
    }

    private void round(int round, Sweeping sweeping) throws Exception {
        String name = "backlog_" + sweeping.name().toLowerCase(Locale.ROOT) + round;
        run("create database " + name);
        try (var site = new BacklogSite(server.getJdbcUrl("postgres", name), databases, sweeping)) {
            tell(
                    sweeping,
                    "admission, nothing waits, batches/s",
                    "admission, nothing waits, p99 ms",
                    site.admit(seconds));
            site.drain();
            site.sweepAll();
            long empty = site.spoolBytes();
            site.append(events);
            keep(sweeping, "disk with the backlog, MB", (site.spoolBytes() - empty) / 1e6);
            tell(
                    sweeping,
                    "admission, all that waits, batches/s",
                    "admission, all that waits, p99 ms",
                    site.admit(seconds));
            keep(sweeping, "next of the hot lane, ms", site.nextMillis(true));
            keep(sweeping, "next of another lane, ms", site.nextMillis(false));
            keep(sweeping, "gauges, ms a look", site.gaugesMillis());
            keep(sweeping, "arrivals, ms a look", site.arrivalsMillis());
            keep(sweeping, "quotas of all, ms a look", site.quotasMillis());
            keep(sweeping, "check of the ledger, ms", site.checkMillis());
            long began = System.nanoTime();
            long drained = site.drain();
            double took = (System.nanoTime() - began) / 1e9;
            keep(sweeping, "drain, events/s", drained / took);
            site.sweepAll();
            keep(sweeping, "drained and swept, s", (System.nanoTime() - began) / 1e9);
            keep(sweeping, "disk after it, MB", (site.spoolBytes() - empty) / 1e6);
            site.check();
        }
        run("drop database " + name + " with (force)");
    }

    private void tell(Sweeping sweeping, String rate, String p99, double[] both) {
        keep(sweeping, rate, both[0]);
        keep(sweeping, p99, both[1]);
    }

    private void keep(Sweeping sweeping, String what, double figure) {
        System.err.printf(Locale.ROOT, "%s %s: %.2f%n", sweeping, what, figure);
        figures.computeIfAbsent(what + "|" + sweeping, _ -> new ArrayList<>()).add(figure);
    }

    private void run(String sql) throws SQLException, IOException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void print() throws SQLException, IOException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show server_version")) {
            row.next();
            System.out.printf("%nPostgreSQL %s, %,d events in %,d databases%n%n", row.getString(1), events, databases);
        }
        System.out.println("| | whole partitions | row by row | ratio |\n|---|---|---|---|");
        for (String key : figures.keySet()) {
            if (key.endsWith(Sweeping.RING.name())) {
                String what = key.substring(0, key.indexOf('|'));
                List<Double> ring = sorted(key);
                List<Double> delete = sorted(what + "|" + Sweeping.DELETE);
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %s | %s | %.2f |%n",
                        what,
                        shown(ring),
                        shown(delete),
                        median(ring) / median(delete));
            }
        }
    }

    private List<Double> sorted(String key) {
        return figures.getOrDefault(key, List.of(Double.NaN)).stream().sorted().toList();
    }

    private static double median(List<Double> sorted) {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String shown(List<Double> sorted) {
        return one(median(sorted))
                + (sorted.size() == 1 ? "" : " (" + one(sorted.getFirst()) + "–" + one(sorted.getLast()) + ")");
    }

    private static String one(double figure) {
        return String.format(Locale.ROOT, Math.abs(figure) < 100 ? "%.2f" : "%,.0f", figure);
    }
}
