package org.svos.telemetry.gateway.store;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store on a server, for any number of processes. Each piece of work is a transaction of its own:
 *
 * <pre>
 * read                     repeatable read, read only   one state
 * write                    repeatable read              and again from the beginning, if what it wrote was changed since it looked
 * decide, writeAlone       read committed               the rows of its databases are locked before it looks, in the order of their
 *                                                       keys, so it sees all that was decided on them before, and nobody waits
 *                                                       in a circle
 * </pre>
 *
 * Every wait has an end: for a connection, for a lock, for a statement, for the network.
 */
public final class ServerStore implements Store {

    private static final Logger log = LoggerFactory.getLogger(ServerStore.class);

    private static final int ATTEMPTS = 8;
    private static final long PAUSE_NANOS = 2_000_000;
    private static final String LOCK =
            "select id from registered_database where id = any (?) order by id for no key update";
    private static final String TELL = "select pg_notify('" + News.CHANNEL + "', ?)";
    private static final String SEE_WHAT_IS_COMMITTED = "set transaction isolation level read committed";
    /** Not in a circle with who holds a row and waits for this: the server breaks such a circle, and that one is done again. */
    private static final String BEFORE_OTHER_NEWS = "lock table news_end in share row exclusive mode";

    private static final String UNSYNCED = "set local synchronous_commit = off";

    private static final String HALF_MOVED = "select source from moved_store where finished_at is null";

    private final String place;
    private final HikariDataSource pool;
    private final ServerClock clock;
    private final ReentrantLock deciding = new ReentrantLock();
    private final ThreadLocal<Boolean> inside = new ThreadLocal<>();
    private final News news;
    private volatile @Nullable Listening listening;
    private volatile boolean closed;

    private ServerStore(String place, HikariDataSource pool, ServerClock clock) {
        this.place = place;
        this.pool = pool;
        this.clock = clock;
        news = new News(this);
    }

    /**
     * Opens the store at that place, and brings its schema up to date.
     *
     * @param clock instead of the server's, in tests that set the time; null: the server's
     * @throws StoreStartException if it cannot be used: nobody answers, a newer program made it
     */
    public static ServerStore open(ServerSettings settings, @Nullable InstantSource clock) {
        ServerStore store = openAny(settings, clock);
        try {
            store.read(tx -> {
                refuseHalfMoved(tx, store.place);
                return null;
            });
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** Opens the store at that place for the one who moves another there: with patience for statements that look at whole tables. */
    public static ServerStore openToMove(ServerSettings settings) {
        return openAny(settings.patient(), null);
    }

    private static void refuseHalfMoved(Tx tx, String place) throws SQLException {
        try (ResultSet row = tx.statement(HALF_MOVED).executeQuery()) {
            if (row.next()) {
                throw new StoreStartException("The store " + place + " holds a part of the one in " + row.getString(1)
                        + ", which is being moved there. Run the command move again, which goes on with it, or make the"
                        + " database anew.");
            }
        }
    }

    private static ServerStore openAny(ServerSettings settings, @Nullable InstantSource clock) {
        String url = settings.checkedUrl();
        String place = url.replaceFirst("\\?.*", "");
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(settings.pool());
        } catch (HikariPool.PoolInitializationException e) {
            throw new StoreStartException(
                    "The store " + place + " cannot be opened: " + cause(e)
                            + ". See that it runs, and that TELEMETRY_POSTGRESQL_URL, _USER and _PASSWORD are right.",
                    e);
        }
        try {
            Migrations.run(settings, place);
            var store = new ServerStore(place, pool, new ServerClock(clock));
            store.read(Tx::now);
            store.news.start();
            store.listening = new Listening(url, settings.driver(), store.news);
            return store;
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** What the server or the driver says, and not what the pool makes of it. */
    private static String cause(Throwable e) {
        boolean isPools =
                e instanceof SQLTransientConnectionException || e instanceof HikariPool.PoolInitializationException;
        return String.valueOf(isPools && e.getCause() != null ? e.getCause().getMessage() : e.getMessage());
    }

    @Override
    public long now() {
        return clock.millis();
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
        return run(true, work);
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
        return run(false, work);
    }

    @Override
    public <T extends @Nullable Object> T writeUnsynced(Work<T> work) {
        return write(tx -> {
            tx.statement(UNSYNCED).execute();
            return work.in(tx);
        });
    }

    @Override
    public <T extends @Nullable Object> T writeAlone(long databaseId, Work<T> work) {
        return run(false, tx -> {
            lock(tx, List.of(databaseId));
            return work.in(tx);
        });
    }

    /** One thread of this process at a time: those that wait for the same rows would only hold connections. */
    @Override
    public <T extends @Nullable Object> T decide(Collection<Long> databaseIds, Decision<T> decision) {
        if (inside.get() != null) {
            throw new IllegalStateException("a transaction inside a transaction");
        }
        deciding.lock();
        try {
            return run(false, tx -> {
                lock(tx, databaseIds);
                var changes = new Changes(tx.now());
                T decided = decision.make(new OnServer(tx, changes));
                tx.apply(changes);
                tx.afterCommit(changes::committed);
                return decided;
            });
        } finally {
            deciding.unlock();
        }
    }

    private record OnServer(Tx tx, Changes changes) implements Deciding {

        @Override
        public <T extends @Nullable Object> T read(Work<T> work) {
            try {
                return work.in(tx);
            } catch (SQLException e) {
                throw new BrokenOff(e);
            }
        }
    }

    private static void lock(Tx tx, Collection<Long> databaseIds) throws SQLException {
        tx.statement(SEE_WHAT_IS_COMMITTED).execute();
        var lock = tx.statement(LOCK);
        lock.setArray(1, tx.numbers(databaseIds));
        try (ResultSet rows = lock.executeQuery()) {
            while (rows.next()) {
                // One that is registered no more has nothing to be locked, and nothing is decided on it.
            }
        }
    }

    /** Tries until nobody is in the way, or the store is at fault. */
    private <T extends @Nullable Object> T run(boolean readOnly, Work<T> work) {
        if (inside.get() != null) {
            throw new IllegalStateException("a transaction inside a transaction");
        }
        Done<T> done;
        boolean announces = false;
        inside.set(true);
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    done = attempt(readOnly, announces, work);
                    break;
                } catch (InTheWay e) {
                    announces |= e.announces;
                    if (attempt == ATTEMPTS) {
                        throw new StoreUnavailableException(
                                "Others were in the way of a transaction in " + place + " " + attempt + " times: "
                                        + cause(e),
                                e);
                    }
                    LockSupport.parkNanos(
                            ThreadLocalRandom.current().nextLong(PAUSE_NANOS) << Math.min(attempt, ATTEMPTS));
                }
            }
        } finally {
            inside.remove();
        }
        done.tx.committed();
        return done.result;
    }

    private record Done<T extends @Nullable Object>(Tx tx, T result) {}

    /** What was read was changed by others before this could be committed. */
    private static final class InTheWay extends RuntimeException {

        private final boolean announces;

        InTheWay(SQLException cause, boolean announces) {
            super(cause);
            this.announces = announces;
        }
    }

    /** A statement failed where only unchecked exceptions pass. */
    static final class BrokenOff extends RuntimeException {

        private final SQLException failure;

        BrokenOff(SQLException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /**
     * One attempt.
     *
     * @param announces whether it did, and others that did were in its way: all who announce count on from one row, and who has
     *     not seen the last change of it may not change it. So it has that row to itself before it sees anything.
     */
    private <T extends @Nullable Object> Done<T> attempt(boolean readOnly, boolean announces, Work<T> work) {
        Tx tx = null;
        T result;
        Connection connection = null;
        try (Connection borrowed = pool.getConnection()) {
            connection = borrowed;
            borrowed.setReadOnly(readOnly);
            tx = new Tx(borrowed, clock, news);
            try {
                if (announces) {
                    tx.statement(BEFORE_OTHER_NEWS).execute();
                }
                result = work.in(tx);
                borrowed.commit();
            } catch (BrokenOff e) {
                rollback(borrowed);
                throw e.failure;
            } catch (SQLException | RuntimeException | Error e) {
                rollback(borrowed);
                throw e;
            }
        } catch (SQLException e) {
            throw failed(connection, tx != null && tx.announces(), e);
        }
        return new Done<>(tx, result);
    }

    /** What is told of a batch of values has the values in it, and they are other people's telemetry. */
    private static SQLException withoutValues(SQLException failure) {
        SQLException next = failure instanceof BatchUpdateException ? failure.getNextException() : null;
        return next == null ? failure : next;
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The pool looks whether a connection is of any use before it gives it to the next.
            log.debug("could not roll back: {}", e.getMessage());
        }
    }

    private RuntimeException failed(@Nullable Connection connection, boolean announces, SQLException failure) {
        SQLException e = withoutValues(failure);
        Dialect.Fault fault =
                e instanceof SQLTransientConnectionException ? Dialect.Fault.UNAVAILABLE : Dialect.POSTGRESQL.fault(e);
        return switch (fault) {
            case FULL -> new StoreFullException("The disk of " + place + " is full", e);
            case CONFLICT -> new InTheWay(e, announces);
            case DEFECT -> new IllegalStateException("A statement failed, which is a defect: " + e.getMessage(), e);
            case IO, UNAVAILABLE -> {
                if (connection != null) {
                    // It may lead to a server that is no longer the one to write to.
                    pool.evictConnection(connection);
                }
                yield new StoreUnavailableException(
                        closed ? "The store " + place + " is closed" : "The store " + place + " failed: " + cause(e),
                        e);
            }
        };
    }

    @Override
    public byte[] body(long segment, long offset, int length) {
        throw new IllegalStateException("bodies are in their rows");
    }

    @Override
    public Set<Long> sealedSegments() {
        return Set.of();
    }

    @Override
    public void freeSegments(Work<Set<Long>> unused) {}

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE; // The server says when its disk is full, and nobody before.
    }

    @Override
    public boolean shrink(int pages) {
        return false;
    }

    @Override
    public List<String> check() {
        return List.of();
    }

    @Override
    public void onNews(NewsReader reader) {
        news.readBy(reader);
    }

    @Override
    public void hint(String text) {
        write(tx -> {
            tx.statement(UNSYNCED).execute();
            PreparedStatement tell = tx.statement(TELL);
            tell.setString(1, text);
            try (ResultSet row = tell.executeQuery()) {
                return row.next();
            }
        });
    }

    @Override
    public void onHint(Consumer<String> reader) {
        Listening started = listening;
        if (started != null) {
            started.onHint(reader);
        }
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public long recoveredCommits() {
        return 0;
    }

    @Override
    public int damagedCommits() {
        return 0;
    }

    @Override
    public void close() {
        closed = true;
        Listening started = listening;
        if (started != null) {
            started.close();
        }
        deciding.lock(); // Not in the middle of a decision, of which its client would hear nothing.
        try {
            pool.close();
        } finally {
            deciding.unlock();
        }
    }
}
