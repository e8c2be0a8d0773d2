package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/** Where the bytes of pieces lie, as long as they do not outstay their place there: then they are moved into their rows. */
public abstract sealed class Bodies implements AutoCloseable permits BodiesInJournal, BodiesInRows, BodiesInKafka {

    Bodies() {}

    /** Those that a store keeps itself. */
    public static Bodies of(Store store) {
        return store.isShared() ? new BodiesInRows() : new BodiesInJournal(store);
    }

    /**
     * Which batches of a database are to be one piece each.
     *
     * @param own their indexes, in their order
     * @return the same, those of one sandbox in their order
     */
    List<List<Integer>> lots(List<SpooledBatch> batches, List<Integer> own) {
        return List.of(own);
    }

    /**
     * Keeps pieces and adds their rows to what is decided.
     *
     * @throws StoreUnavailableException if that cannot be done now
     */
    abstract void append(Deciding deciding, List<NewPiece> pieces);

    /**
     * Some bytes of a piece that is not in its row.
     *
     * @throws IOException if they cannot be read any more
     */
    abstract byte[] read(Piece piece, int offset, int length) throws IOException;

    /** Where a piece is that is not in its row, for people. */
    abstract String where(Piece piece);

    /** Gives back what no piece needs any more, and moves what is left over out of the way. */
    abstract void free();

    /** Why nothing can be appended for now, as far as that is known; null: it can. */
    public @Nullable String trouble() {
        return null;
    }

    @Override
    public void close() {}

    /**
     * A piece that is being appended.
     *
     * @param slot of the spool, that its row is to be in, where there are such
     * @param first the position of its first batch
     */
    record NewPiece(long databaseId, int slot, long first, List<SpooledBatch> batches, long events, long bytes) {

        static NewPiece of(long databaseId, int slot, long first, List<SpooledBatch> batches) {
            long events = 0;
            long bytes = 0;
            for (SpooledBatch batch : batches) {
                events += batch.events();
                bytes += batch.bytes();
            }
            return new NewPiece(databaseId, slot, first, batches, events, bytes);
        }

        long last() {
            return first + batches.size() - 1;
        }

        long admittedAt() {
            return batches.getFirst().admittedAt().toEpochMilli();
        }
    }
}
