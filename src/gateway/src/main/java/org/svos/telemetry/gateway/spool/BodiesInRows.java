package org.svos.telemetry.gateway.spool;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/** Those of several processes: their rows have them. */
final class BodiesInRows extends Bodies {

    private static final String APPEND = """
            insert into spool (position, last, database_id, events, bytes, admitted_at, length, body, slot)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    @Override
    void append(Deciding deciding, List<NewPiece> pieces) {
        Changes changes = deciding.changes();
        for (NewPiece piece : pieces) {
            var bytes = new ByteArrayOutputStream();
            int length = Piece.write(piece.batches(), bytes::writeBytes);
            changes.change(
                    APPEND,
                    piece.first(),
                    piece.last(),
                    piece.databaseId(),
                    piece.events(),
                    piece.bytes(),
                    piece.admittedAt(),
                    length,
                    bytes.toByteArray(),
                    piece.slot());
        }
    }

    /** Another gateway has put it there, since this one was started. */
    @Override
    byte[] read(Piece piece, int offset, int length) {
        throw new StoreUnavailableException(
                "The piece at " + piece.first() + " is in Kafka: give this gateway TELEMETRY_SPOOL=kafka as well",
                null);
    }

    @Override
    String where(Piece piece) {
        return "in Kafka";
    }

    @Override
    void free() {}
}
