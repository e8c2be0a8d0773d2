package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.spool.Piece.Directory;
import org.svos.telemetry.gateway.store.Store;

/** Reads batches for the lanes, checks each, and has those that fail put into quarantine. */
final class SpoolReader {

    private static final int PIECES = 64;

    private static final Logger log = LoggerFactory.getLogger(SpoolReader.class);

    private final Store store;
    private final Pieces pieces;
    private final Quarantine quarantine;

    SpoolReader(Store store, Pieces pieces, Quarantine quarantine) {
        this.store = store;
        this.pieces = pieces;
        this.quarantine = quarantine;
    }

    /** Pieces to be read, and which of their batches are in quarantine already. */
    private record Page(List<Piece> pieces, Set<Long> aside) {}

    List<SpooledBatch> next(long databaseId, long after, int maxBatches, long maxBytes, Room room) {
        int wanted = Math.min(maxBatches, PIECES);
        while (true) {
            Page page = store.read(tx -> {
                List<Piece> found = Pieces.after(tx, databaseId, after, wanted);
                Set<Long> aside = found.isEmpty()
                        ? Set.of()
                        : Pieces.aside(tx, databaseId, after, found.getLast().last());
                return new Page(found, aside);
            });
            var taking = new Taking(after, maxBatches, maxBytes, page.aside(), room);
            for (Piece piece : page.pieces()) {
                if (!taking.from(piece)) {
                    break;
                }
            }
            if (!taking.batches.isEmpty()
                    || taking.isFull
                    || (!taking.foundDamage && page.pieces().size() < wanted)) {
                return taking.batches;
            }
            if (!taking.foundDamage) {
                // All of them in quarantine, and there may be more behind.
                return next(databaseId, page.pieces().getLast().last(), maxBatches, maxBytes, room);
            }
        }
    }

    /** Batches as they are taken from pieces, until there are enough. */
    private final class Taking {

        private final long after;
        private final int maxBatches;
        private final long maxBytes;
        private final Set<Long> aside;
        private final Room room;
        private final List<SpooledBatch> batches = new ArrayList<>();
        private long size;
        private boolean foundDamage;
        private boolean isFull;

        Taking(long after, int maxBatches, long maxBytes, Set<Long> aside, Room room) {
            this.after = after;
            this.maxBatches = maxBatches;
            this.maxBytes = maxBytes;
            this.aside = aside;
            this.room = room;
        }

        /** Takes what there is room for; whether there is room for more. */
        boolean from(Piece piece) {
            Directory directory = directory(piece);
            if (directory == null) {
                foundDamage = true;
                quarantine.whole(piece);
                return true;
            }
            int begin = (int) Math.max(0, after - piece.first() + 1);
            int end = begin;
            int wanted = maxBatches - batches.size();
            while (end < directory.count()) {
                if (!aside.contains(piece.first() + end)) {
                    if (wanted == 0 || !hasRoom(directory, end)) {
                        break;
                    }
                    wanted--;
                    size += directory.bodyLength(end);
                }
                end++;
            }
            take(piece, directory, begin, end);
            return end == directory.count() && !isFull && batches.size() < maxBatches;
        }

        private boolean hasRoom(Directory directory, int index) {
            int length = directory.bodyLength(index);
            boolean has = (size == 0 || size + length <= maxBytes)
                    && room.take(length, directory.bytes(index), directory.events(index));
            isFull |= !has;
            return has;
        }

        private void take(Piece piece, Directory directory, int begin, int end) {
            byte[] bytes = bytes(piece, directory, begin, end);
            if (bytes == null && end - begin > 1) {
                // One of them cannot be read: which?
                for (int i = begin; i < end; i++) {
                    take(piece, directory, i, i + 1);
                }
                return;
            }
            for (int i = begin; i < end; i++) {
                if (aside.contains(piece.first() + i)) {
                    continue;
                }
                int from = directory.offset(i) - directory.offset(begin);
                if (bytes != null && directory.isSound(i, bytes, from)) {
                    batches.add(piece.batch(directory, i, bytes, from));
                } else {
                    foundDamage = true;
                    quarantine.one(piece, directory, i, bytes, from);
                }
            }
        }

        private @Nullable Directory directory(Piece piece) {
            try {
                return pieces.directory(null, piece);
            } catch (IOException e) {
                log.warn("{} cannot be read: {}", piece, e.toString());
                return null;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private byte @Nullable [] bytes(Piece piece, Directory directory, int begin, int end) {
            int offset = directory.offset(begin);
            try {
                return pieces.bytes(null, piece, offset, directory.offset(end) - offset);
            } catch (IOException e) {
                log.warn("{} cannot be read from byte {} on: {}", piece, offset, e.toString());
                return null;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
