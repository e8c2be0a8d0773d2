package org.svos.telemetry.gateway.access;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Caller.Scope;
import org.svos.telemetry.gateway.store.Tx;

/** The SQL of tokens and of what they are for. */
final class TokenTable {

    private TokenTable() {}

    private static final String SELECT =
            "select id, hash, role, name, database_id, everything, created_at, expires_at, last_used_at from token";

    static List<LiveToken> all(Tx tx) throws SQLException {
        return tokens(
                tx.statement(SELECT),
                scope(tx.statement("select token_id, database_id from token_database")),
                scope(tx.statement("select token_id, sandbox_id from token_sandbox")));
    }

    static @Nullable LiveToken find(Tx tx, long id) throws SQLException {
        PreparedStatement token = tx.statement(SELECT + " where id = ?");
        PreparedStatement databases =
                tx.statement("select token_id, database_id from token_database where token_id = ?");
        PreparedStatement sandboxes = tx.statement("select token_id, sandbox_id from token_sandbox where token_id = ?");
        for (PreparedStatement each : List.of(token, databases, sandboxes)) {
            each.setLong(1, id);
        }
        List<LiveToken> found = tokens(token, scope(databases), scope(sandboxes));
        return found.isEmpty() ? null : found.getFirst();
    }

    private static List<LiveToken> tokens(
            PreparedStatement select, Map<Long, Set<Long>> databases, Map<Long, Set<Long>> sandboxes)
            throws SQLException {
        List<LiveToken> tokens = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                long id = row.getLong("id");
                Caller caller = caller(row, databases.get(id), sandboxes.get(id));
                tokens.add(new LiveToken(
                        id,
                        TokenHash.ofStored(row.getBytes("hash")),
                        caller,
                        row.getLong("created_at"),
                        nullableLong(row, "expires_at"),
                        nullableLong(row, "last_used_at")));
            }
        }
        return tokens;
    }

    static long insert(Tx tx, TokenHash hash, Caller caller, @Nullable Long expiresAt) throws SQLException {
        PreparedStatement insert = tx.statement("insert into token"
                + " (hash, role, name, database_id, everything, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?)"
                + " returning id");
        insert.setBytes(1, hash.toBytes());
        insert.setString(2, caller.role().wireName());
        insert.setString(3, caller.name());
        setNullable(insert, 4, databaseOf(caller));
        insert.setInt(5, caller instanceof Caller.Host host && host.scope() instanceof Scope.Everything ? 1 : 0);
        insert.setLong(6, tx.now());
        setNullable(insert, 7, expiresAt);
        long id;
        try (ResultSet row = insert.executeQuery()) {
            row.next();
            id = row.getLong(1);
        }
        if (caller instanceof Caller.Host host) {
            switch (host.scope()) {
                case Scope.Everything _ -> {}
                case Scope.Databases scope ->
                    insertScope(
                            tx, "insert into token_database (token_id, database_id) values (?, ?)", id, scope.ids());
                case Scope.Sandboxes scope ->
                    insertScope(tx, "insert into token_sandbox (token_id, sandbox_id) values (?, ?)", id, scope.keys());
            }
        }
        return id;
    }

    static void delete(Tx tx, long id) throws SQLException {
        execute(tx, "delete from token_database where token_id = ?", id);
        execute(tx, "delete from token_sandbox where token_id = ?", id);
        execute(tx, "delete from token where id = ?", id);
    }

    static void forgetDatabase(Tx tx, long databaseId) throws SQLException {
        execute(tx, "delete from token where database_id = ?", databaseId);
        execute(tx, "delete from token_database where database_id = ?", databaseId);
        execute(
                tx,
                "delete from token_sandbox where sandbox_id in (select id from sandbox where database_id = ?)",
                databaseId);
        deleteScopeless(tx);
    }

    static void forgetSandbox(Tx tx, long sandboxKey) throws SQLException {
        execute(tx, "delete from token_sandbox where sandbox_id = ?", sandboxKey);
        deleteScopeless(tx);
    }

    static void used(Tx tx, long id, long at) throws SQLException {
        PreparedStatement update = tx.statement(
                "update token set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)");
        update.setLong(1, at);
        update.setLong(2, id);
        update.setLong(3, at);
        update.executeUpdate();
    }

    /** When tokens were last used, by their keys: those that were used at or after that. */
    static Map<Long, Long> usedSince(Tx tx, long since) throws SQLException {
        PreparedStatement select = tx.statement("select id, last_used_at from token where last_used_at >= ?");
        select.setLong(1, since);
        Map<Long, Long> uses = new HashMap<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                uses.put(row.getLong(1), row.getLong(2));
            }
        }
        return uses;
    }

    /** A host's token that is left with nothing to post for is no token. */
    private static void deleteScopeless(Tx tx) throws SQLException {
        tx.statement("delete from token where role = 'host' and everything = 0"
                        + " and not exists (select 1 from token_database where token_id = token.id)"
                        + " and not exists (select 1 from token_sandbox where token_id = token.id)")
                .executeUpdate();
    }

    private static Caller caller(ResultSet row, @Nullable Set<Long> databases, @Nullable Set<Long> sandboxes)
            throws SQLException {
        String name = row.getString("name");
        String role = row.getString("role");
        return switch (Role.of(role)) {
            case ADMIN -> new Caller.Admin(name);
            case OWNER -> new Caller.Owner(name, row.getLong("database_id"));
            case READER -> new Caller.Reader(name, row.getLong("database_id"));
            case HOST -> {
                Scope scope;
                if (row.getInt("everything") == 1) {
                    scope = new Scope.Everything();
                } else if (databases != null) {
                    scope = new Scope.Databases(Set.copyOf(databases));
                } else {
                    scope = new Scope.Sandboxes(sandboxes == null ? Set.of() : Set.copyOf(sandboxes));
                }
                yield new Caller.Host(name, scope);
            }
            case null -> throw new IllegalStateException("the store has a token of an unknown role: " + role);
        };
    }

    private static @Nullable Long databaseOf(Caller caller) {
        return switch (caller) {
            case Caller.Owner owner -> owner.databaseId();
            case Caller.Reader reader -> reader.databaseId();
            case Caller.Admin _, Caller.Host _ -> null;
        };
    }

    private static Map<Long, Set<Long>> scope(PreparedStatement select) throws SQLException {
        Map<Long, Set<Long>> scope = new HashMap<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                scope.computeIfAbsent(row.getLong(1), _ -> new HashSet<>()).add(row.getLong(2));
            }
        }
        return scope;
    }

    private static void insertScope(Tx tx, String sql, long tokenId, Set<Long> ids) throws SQLException {
        PreparedStatement insert = tx.statement(sql);
        for (long id : ids) {
            insert.setLong(1, tokenId);
            insert.setLong(2, id);
            insert.executeUpdate();
        }
    }

    private static void execute(Tx tx, String sql, long id) throws SQLException {
        PreparedStatement statement = tx.statement(sql);
        statement.setLong(1, id);
        statement.executeUpdate();
    }

    private static void setNullable(PreparedStatement statement, int index, @Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.BIGINT);
        } else {
            statement.setLong(index, value);
        }
    }

    private static @Nullable Long nullableLong(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
