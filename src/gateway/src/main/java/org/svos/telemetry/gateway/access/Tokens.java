package org.svos.telemetry.gateway.access;

import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Caller.Scope;
import org.svos.telemetry.gateway.store.NewsReader;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * The tokens that were made: in the store, and all of them in memory, where a change is seen after its commit and before its
 * answer; one that was made by another process, soon after. The admin token of the settings is not among them.
 */
public final class Tokens {

    /** What is announced: a token by its key, or all of them. */
    private static final String ONE = "token";

    private static final String ALL = "tokens";

    private final Store store;
    private final ConcurrentMap<TokenHash, LiveToken> byHash = new ConcurrentHashMap<>();
    private final ConcurrentNavigableMap<Long, LiveToken> byId = new ConcurrentSkipListMap<>();

    private Tokens(Store store) {
        this.store = store;
    }

    /** Those of the store. */
    static Tokens load(Store store) {
        Tokens tokens = new Tokens(store);
        store.onNews(tokens::changed);
        tokens.load();
        return tokens;
    }

    private void load() {
        List<LiveToken> all = store.read(TokenTable::all);
        Set<Long> ids = all.stream().map(LiveToken::id).collect(Collectors.toSet());
        List.copyOf(byId.keySet()).stream().filter(id -> !ids.contains(id)).forEach(this::remove);
        all.forEach(this::put);
    }

    /** Looks again at what somebody changed. */
    private void changed(String kind, long key) {
        switch (kind) {
            case ONE -> {
                LiveToken now = store.<@Nullable LiveToken>read(tx -> TokenTable.find(tx, key));
                if (now == null) {
                    remove(key);
                } else {
                    put(now);
                }
            }
            case ALL, NewsReader.EVERYTHING -> load();
            default -> {
                // It is about something else.
            }
        }
    }

    /**
     * Makes a token.
     *
     * @return the token with its secret, which nobody can tell again
     */
    public Made make(Tx tx, Caller caller, @Nullable Instant expiresAt) throws SQLException {
        String secret = Secret.random();
        TokenHash hash = TokenHash.of(secret);
        Long expiry = expiresAt == null ? null : expiresAt.toEpochMilli();
        long id = TokenTable.insert(tx, hash, caller, expiry);
        LiveToken live = new LiveToken(id, hash, caller, tx.now(), expiry, null);
        tx.announce(ONE, id, () -> put(live));
        return new Made(live.token(), secret);
    }

    /** A token and the secret that its bearer sends. */
    public record Made(Token token, String secret) {

        /** Without the secret, should it ever come to be logged. */
        @Override
        public String toString() {
            return "Made[" + token + "]";
        }
    }

    /** The token of that ID, or null. */
    public @Nullable Token find(long id) {
        LiveToken live = byId.get(id);
        return live == null ? null : live.token();
    }

    /** Tokens in the order of their IDs, at most {@code limit}, from the first after {@code after}. */
    public List<Token> list(long after, int limit, Predicate<Caller> visible) {
        return byId.tailMap(after, false).values().stream()
                .filter(live -> visible.test(live.caller()))
                .limit(limit)
                .map(LiveToken::token)
                .toList();
    }

    /** Revokes a token: from the commit on it is unknown. */
    public void revoke(Tx tx, long id) throws SQLException {
        TokenTable.delete(tx, id);
        tx.announce(ONE, id, () -> remove(id));
    }

    /**
     * Takes a database that is removed, and its sandboxes, from every token; one that is left with nothing is revoked. To be
     * called before the sandboxes' rows are deleted.
     *
     * @param sandboxKeys of all its sandboxes
     */
    public void forgetDatabase(Tx tx, long databaseId, Set<Long> sandboxKeys) throws SQLException {
        TokenTable.forgetDatabase(tx, databaseId);
        tx.announce(ALL, 0, () -> {
            narrow(caller -> withoutDatabase(caller, databaseId));
            narrow(caller -> withoutSandboxes(caller, sandboxKeys));
        });
    }

    /** Takes a sandbox that is removed from every token; one that is left with nothing is revoked. */
    public void forgetSandbox(Tx tx, long sandboxKey) throws SQLException {
        TokenTable.forgetSandbox(tx, sandboxKey);
        tx.announce(ALL, 0, () -> narrow(caller -> withoutSandboxes(caller, Set.of(sandboxKey))));
    }

    @Nullable
    LiveToken live(TokenHash hash) {
        return byHash.get(hash);
    }

    /** Writes the uses that the store does not know of yet. */
    void flushUses(Store store) {
        List<LiveToken> used = byId.values().stream()
                .filter(live -> live.unwrittenUse() != null)
                .toList();
        if (used.isEmpty()) {
            return;
        }
        store.write(tx -> {
            for (LiveToken live : used) {
                Long use = live.unwrittenUse();
                if (use != null) {
                    TokenTable.used(tx, live.id(), use);
                    tx.afterCommit(() -> live.useWritten(use));
                }
            }
            return null;
        });
    }

    /**
     * Takes over what other processes wrote of uses.
     *
     * @param since what they wrote before that is known
     */
    void readUses(Store store, long since) {
        store.read(tx -> TokenTable.usedSince(tx, since)).forEach((id, use) -> {
            LiveToken live = byId.get(id);
            if (live != null) {
                live.usedAsWritten(use);
            }
        });
    }

    private void put(LiveToken live) {
        LiveToken before = byId.get(live.id());
        if (before != null) {
            live.usedLike(before);
        }
        byHash.put(live.hash(), live);
        byId.put(live.id(), live);
    }

    private void remove(long id) {
        LiveToken gone = byId.remove(id);
        if (gone != null) {
            byHash.remove(gone.hash());
        }
    }

    private void narrow(Function<Caller, @Nullable Caller> narrowed) {
        for (LiveToken live : byId.values()) {
            Caller caller = narrowed.apply(live.caller());
            if (caller == null) {
                remove(live.id());
            } else if (!caller.equals(live.caller())) {
                put(live.narrowedTo(caller));
            }
        }
    }

    private static @Nullable Caller withoutDatabase(Caller caller, long databaseId) {
        return switch (caller) {
            case Caller.Admin _ -> caller;
            case Caller.Owner owner -> owner.databaseId() == databaseId ? null : caller;
            case Caller.Reader reader -> reader.databaseId() == databaseId ? null : caller;
            case Caller.Host host ->
                switch (host.scope()) {
                    case Scope.Everything _, Scope.Sandboxes _ -> caller;
                    case Scope.Databases databases -> {
                        Set<Long> left = without(databases.ids(), Set.of(databaseId));
                        yield left.equals(databases.ids())
                                ? caller
                                : left.isEmpty() ? null : new Caller.Host(host.name(), new Scope.Databases(left));
                    }
                };
        };
    }

    private static @Nullable Caller withoutSandboxes(Caller caller, Set<Long> keys) {
        if (!(caller instanceof Caller.Host host) || !(host.scope() instanceof Scope.Sandboxes sandboxes)) {
            return caller;
        }
        Set<Long> left = without(sandboxes.keys(), keys);
        if (left.equals(sandboxes.keys())) {
            return caller;
        }
        return left.isEmpty() ? null : new Caller.Host(host.name(), new Scope.Sandboxes(left));
    }

    private static Set<Long> without(Set<Long> all, Set<Long> gone) {
        Set<Long> left = new HashSet<>(all);
        left.removeAll(gone);
        return Set.copyOf(left);
    }
}
