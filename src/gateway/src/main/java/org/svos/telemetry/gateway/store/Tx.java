package org.svos.telemetry.gateway.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One transaction on one connection, and the statements that are kept prepared on it. It belongs to the {@link Work} that it
 * is handed to, and is not to be kept.
 */
public final class Tx implements Writing {

    private static final Logger log = LoggerFactory.getLogger(Tx.class);

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private long now;
    private @Nullable Boolean synced;

    Tx(Connection connection) {
        this.connection = connection;
    }

    @Override
    public long now() {
        return now;
    }

    /**
     * The prepared statement of that text, kept from transaction to transaction, so the text must be one of a few constants.
     * Not to be closed; its result sets are.
     */
    public PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    /** For statements whose text is made as they go: the caller closes what it makes of it. */
    public Connection connection() {
        return connection;
    }

    @Override
    public void change(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = statement(sql);
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case null -> statement.setObject(i + 1, null);
                case Long number -> statement.setLong(i + 1, number);
                case Integer number -> statement.setInt(i + 1, number);
                case String text -> statement.setString(i + 1, text);
                case byte[] bytes -> statement.setBytes(i + 1, bytes);
                case Object other -> throw new IllegalArgumentException("no value for a statement: " + other);
            }
        }
        statement.executeUpdate();
    }

    @Override
    public void add(int keys, String sql, Object... values) throws SQLException {
        change(sql, values);
    }

    @Override
    public void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    /** Whether a commit waits until it is on disk. Between transactions only. */
    void sync(Dialect dialect, boolean wanted) throws SQLException {
        if (synced == null || synced != wanted) {
            statement(dialect.sync(wanted)).execute();
            synced = wanted;
        }
    }

    void begin(String sql, long millis) throws SQLException {
        now = millis;
        statement(sql).execute();
    }

    void commit() throws SQLException {
        statement("commit").execute();
    }

    void committed() {
        for (Runnable action : afterCommit) {
            try {
                action.run();
            } catch (RuntimeException e) {
                // The transaction is durable: those who wait for it must hear that, whatever else broke.
                log.error("A defect: what follows a commit failed", e);
            }
        }
        afterCommit.clear();
    }

    void rollback() throws SQLException {
        afterCommit.clear();
        statement("rollback").execute();
    }

    /** Closes all statements. The driver has made an end of one that failed, and does not say so when it is used again. */
    void forgetStatements() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }

    void close() throws SQLException {
        connection.close();
    }
}
