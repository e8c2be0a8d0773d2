package org.svos.telemetry.gateway.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what other processes tell over the server, on a connection of its own. It may miss something while that is broken, so
 * nothing depends on it but how soon things are known.
 */
final class Listening implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Listening.class);

    private static final int PERIOD_MILLIS = 1_000;
    private static final long PAUSE_MILLIS = 500;

    private final String url;
    private final Properties properties;
    private final News news;
    private final List<Consumer<String>> hints = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    Listening(String url, Properties properties, News news) {
        this.url = url;
        this.properties = properties;
        this.news = news;
        thread = Thread.ofPlatform().daemon().name("store-listening").start(this::run);
    }

    void onHint(Consumer<String> reader) {
        hints.add(reader);
    }

    private void run() {
        while (!closed) {
            try (Connection connection = DriverManager.getConnection(url, properties)) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("listen " + News.CHANNEL);
                }
                hear(connection.unwrap(PGConnection.class));
            } catch (SQLException e) {
                log.debug("What others tell is not heard for now: {}", e.getMessage());
            }
            lookAnyway();
            pause();
        }
    }

    private void hear(PGConnection connection) throws SQLException {
        long lookedAt = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
        while (!closed) {
            boolean isNews = System.nanoTime() - lookedAt >= TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
            PGNotification[] heard = connection.getNotifications(PERIOD_MILLIS);
            if (heard != null) {
                for (PGNotification one : heard) {
                    if (one.getParameter().equals(News.TOLD)) {
                        isNews = true;
                    } else {
                        hints.forEach(reader -> reader.accept(one.getParameter()));
                    }
                }
            }
            if (isNews) {
                lookedAt = System.nanoTime();
                lookAnyway();
            }
        }
    }

    private void lookAnyway() {
        try {
            news.catchUp();
        } catch (StoreException e) {
            log.debug("What is new is not known for now: {}", e.getMessage());
        } catch (RuntimeException e) {
            log.error("A defect: what is new could not be taken in", e);
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            log.debug("Interrupted, which only close() does");
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(2L * PERIOD_MILLIS);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
