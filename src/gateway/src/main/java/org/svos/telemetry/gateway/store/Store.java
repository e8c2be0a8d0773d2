package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What holds everything the gateway must not forget: registry, quotas, keys, spool, ledger. Work is done in transactions: all of
 * it, or none. Whatever is read has all that was promised before, by whomever.
 */
public sealed interface Store extends AutoCloseable permits FileStore, ServerStore {

    /** The store's clock, in epoch milliseconds: what quotas, expiry and ages go by. */
    long now();

    /**
     * Whether other processes may use it at the same time: then what was read before a transaction may be no longer so in it,
     * and memory tells nothing for sure.
     */
    boolean isShared();

    /**
     * Runs work in a transaction that writes. When this returns it is durable; if it throws, nothing of it is kept. Where somebody
     * else was in its way it is run again from the beginning, so work changes nothing but the store, or does so in {@link
     * Tx#afterCommit}. Not to be called from inside other work.
     *
     * @throws StoreFullException if the disk has no room
     * @throws StoreUnavailableException if the store does not answer
     */
    <T extends @Nullable Object> T write(Work<T> work);

    /**
     * The same without the sync, for what can be done again: it outlives the process, but perhaps not the machine. Then all that
     * was written after some moment is gone together, but for what was kept or synced.
     */
    <T extends @Nullable Object> T writeUnsynced(Work<T> work);

    /**
     * The same while nobody {@link #decide decides} on that database: for work after which a decision would be another one, and
     * that looks at what decisions have left.
     */
    <T extends @Nullable Object> T writeAlone(long databaseId, Work<T> work);

    /**
     * Decides on what is to be kept of those databases, on each of which nobody else decides meanwhile, and keeps it. When this
     * returns it is durable; if it throws, it is void.
     *
     * @throws StoreFullException if the disk has no room
     * @throws StoreUnavailableException if the store does not answer
     */
    <T extends @Nullable Object> T decide(Collection<Long> databaseIds, Decision<T> decision);

    /**
     * Runs work on a snapshot: it sees one state of the store, and changes nothing. Not to be called from inside other work.
     *
     * @throws StoreUnavailableException if the store does not answer
     */
    <T extends @Nullable Object> T read(Work<T> work);

    /**
     * A body that was kept outside its row.
     *
     * @param segment that it is in
     * @param offset of its first byte there
     * @throws IOException if it cannot be read any more
     */
    byte[] body(long segment, long offset, int length) throws IOException;

    /** The files of bodies that are full, by their numbers; none where bodies are in rows. */
    Set<Long> sealedSegments();

    /** Frees the {@link #sealedSegments sealed segments} that the work finds nobody to need any more. */
    void freeSegments(Work<Set<Long>> unused);

    /** Bytes that there is room for, as far as that can be told. */
    long usableBytes();

    /**
     * Gives up to that many pages that are no longer used back to whom they came from.
     *
     * @return whether there are more
     */
    boolean shrink(int pages);

    /** What the engine finds wrong with what it keeps; slow, as it reads all of it. */
    List<String> check();

    /** Has a reader told of what is announced in a shared store, from now on. */
    void onNews(NewsReader reader);

    /**
     * Tells the other processes of a shared store something that they may as well never hear, at once and beside all transactions.
     *
     * @param text of one line, which begins with a word that says what it is
     */
    void hint(String text);

    /** Has a reader told of the hints of all processes of a shared store, this one's too. */
    void onHint(Consumer<String> reader);

    /** Where it is, for people. */
    String place();

    /** How many commits a crash had left half done, that were done when this was opened. */
    long recoveredCommits();

    /** How many commits were found damaged or missing then. */
    int damagedCommits();

    /** Waits for the transaction that runs, and closes. Whoever comes after gets {@link StoreUnavailableException}. */
    @Override
    void close();
}
