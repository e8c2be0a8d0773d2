package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.util.List;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;

/** Those of one process: the journal has them with all else that is committed. */
final class BodiesInJournal extends Bodies {

    private static final String APPEND = """
            insert into spool (position, last, database_id, events, bytes, admitted_at, length, segment, place)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Store store;
    private final SpoolSegments segments;

    BodiesInJournal(Store store) {
        this.store = store;
        segments = new SpoolSegments(store);
    }

    @Override
    void append(Deciding deciding, List<NewPiece> pieces) {
        Changes changes = deciding.changes();
        for (NewPiece piece : pieces) {
            long offset = changes.bodyBytes();
            int length = Piece.write(piece.batches(), changes::body);
            changes.change(
                    APPEND,
                    piece.first(),
                    piece.last(),
                    piece.databaseId(),
                    piece.events(),
                    piece.bytes(),
                    piece.admittedAt(),
                    length,
                    Changes.Mark.SEGMENT,
                    new Changes.Place(offset));
        }
    }

    @Override
    byte[] read(Piece piece, int offset, int length) throws IOException {
        if (piece.segment() == null) {
            throw new IOException("The piece at " + piece.first() + " is in no segment");
        }
        return store.body(piece.segment(), piece.place() + offset, length);
    }

    @Override
    String where(Piece piece) {
        return "in segment " + piece.segment() + " of the journal";
    }

    @Override
    void free() {
        segments.free();
    }
}
