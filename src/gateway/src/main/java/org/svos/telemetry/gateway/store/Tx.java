package org.svos.telemetry.gateway.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

    private static final long UNREAD = Long.MIN_VALUE;

    private final Connection connection;
    private final @Nullable ServerClock clock;
    private final @Nullable News news;
    private boolean announces;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private long now = UNREAD;
    private @Nullable Boolean synced;

    Tx(Connection connection) {
        this.connection = connection;
        clock = null;
        news = null;
    }

    /** One of a server, which tells the time, and what others announce. */
    Tx(Connection connection, ServerClock clock, News news) {
        this.connection = connection;
        this.clock = clock;
        this.news = news;
    }

    /**
     * Has this process know of a change once this is committed, before whoever made it hears of that; and, of a shared store, every
     * other process soon after, as its {@link NewsReader}s are told.
     *
     * @param kind of the thing that was changed, at most 16 characters
     * @param own what this process does, where nobody else has the store; of a shared one its readers are told like all others,
     *     so that what they know changes in the order of the commits
     */
    public void announce(String kind, long key, Runnable own) throws SQLException {
        News all = news;
        if (all == null) {
            afterCommit(own);
        } else {
            announces = true;
            all.announce(this, kind, key);
            afterCommit(all::catchUp);
        }
    }

    /** Whether it has announced something, or tried to. */
    boolean announces() {
        return announces;
    }

    @Override
    public long now() {
        if (now == UNREAD && clock != null) {
            now = read(clock);
        }
        return now;
    }

    /** Not before somebody wants to know: who locks rows first reads a time that is not before any time that they tell. */
    private long read(ServerClock server) {
        InstantSource instead = server.instead();
        if (instead != null) {
            return instead.millis();
        }
        try (ResultSet row = statement(ServerClock.READ).executeQuery()) {
            row.next();
            long read = row.getLong(1);
            server.read(read);
            return read;
        } catch (SQLException e) {
            throw new ServerStore.BrokenOff(e);
        }
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

    /** Numbers as one value of a statement, for {@code = any (?)} and {@code unnest}; on a shared store only. */
    public Array numbers(Collection<Long> numbers) throws SQLException {
        return connection.createArrayOf("bigint", numbers.toArray());
    }

    /** Texts as one value of a statement; on a shared store only. */
    public Array texts(Collection<String> texts) throws SQLException {
        return connection.createArrayOf("text", texts.toArray());
    }

    /** For statements whose text is made as they go: the caller closes what it makes of it. */
    public Connection connection() {
        return connection;
    }

    @Override
    public void change(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = statement(sql);
        set(statement, values);
        statement.executeUpdate();
    }

    private static void set(PreparedStatement statement, @Nullable Object[] values) throws SQLException {
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
    }

    /**
     * Does what was decided, with one way to the server and back for each statement, however many values it is done with. Changes of
     * one statement are done in their order; it does not matter in which order those of different ones are.
     */
    void apply(Changes changes) throws SQLException {
        var merging = new Merging();
        var bySql = new LinkedHashMap<String, List<@Nullable Object[]>>();
        for (Changes.One one : changes.all()) {
            if (!merging.take(one)) {
                bySql.computeIfAbsent(one.sql(), _ -> new ArrayList<>()).add(one.values());
            }
        }
        merging.rows((sql, values) ->
                bySql.computeIfAbsent(sql, _ -> new ArrayList<>()).add(values));
        for (Map.Entry<String, List<@Nullable Object[]>> each : bySql.entrySet()) {
            List<@Nullable Object[]> rows = each.getValue();
            if (rows.size() == 1) {
                change(each.getKey(), rows.getFirst());
            } else if (!ManyRows.write(this, each.getKey(), rows)) {
                batch(each.getKey(), rows);
            }
        }
    }

    private void batch(String sql, List<@Nullable Object[]> rows) throws SQLException {
        PreparedStatement statement = statement(sql);
        for (@Nullable Object[] values : rows) {
            set(statement, values);
            statement.addBatch();
        }
        statement.executeBatch();
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
    void sync(boolean wanted) throws SQLException {
        if (synced == null || synced != wanted) {
            statement(SqliteFile.sync(wanted)).execute();
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
