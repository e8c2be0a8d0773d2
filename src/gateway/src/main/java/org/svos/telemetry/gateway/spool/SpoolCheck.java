package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.svos.telemetry.gateway.spool.Piece.Directory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;
import org.svos.telemetry.gateway.store.Work;

/** Reads every batch that waits, as its lane will, and changes nothing. */
public final class SpoolCheck {

    private static final int PAGE = 100;
    private static final String ASIDE = "select count(*), coalesce(sum(events), 0) from quarantine";

    private final Store store;
    private final Bodies bodies;
    private final Pieces pieces;

    /** A check of that store's spool, whose bodies lie there. */
    public SpoolCheck(Store store, Bodies bodies) {
        this.store = store;
        this.bodies = bodies;
        pieces = new Pieces(store, bodies);
    }

    /**
     * What was found.
     *
     * @param batches that wait, the damaged ones included
     * @param events of those
     * @param damage a line for each batch or piece that a lane would put into quarantine
     * @param quarantined batches that are there already, and their events
     */
    public record Report(long batches, long events, List<String> damage, long quarantined, long quarantinedEvents) {}

    /** Reads all of it. */
    public Report run() {
        List<String> damage = new ArrayList<>();
        long batches = 0;
        long events = 0;
        long position = 0;
        for (List<Piece> page = page(position); !page.isEmpty(); page = page(position)) {
            for (Piece piece : page) {
                position = piece.first();
                long passed = store.read(
                        tx -> Spool.readCursor(tx, piece.databaseId()).passed());
                if (passed < piece.last()) {
                    Set<Long> aside =
                            store.read(tx -> Pieces.aside(tx, piece.databaseId(), piece.first(), piece.last()));
                    batches += piece.last() - Math.max(passed, piece.first() - 1) - aside.size();
                    events += check(piece, passed, aside, damage);
                }
            }
        }
        return store.read(aside(batches, events, damage));
    }

    private static Work<Report> aside(long batches, long events, List<String> damage) {
        return tx -> {
            try (ResultSet row = tx.statement(ASIDE).executeQuery()) {
                row.next();
                return new Report(batches, events, damage, row.getLong(1), row.getLong(2));
            }
        };
    }

    private List<Piece> page(long after) {
        return store.read(tx -> all(tx, after));
    }

    private static List<Piece> all(Tx tx, long after) throws SQLException {
        return Pieces.all(tx, after, PAGE);
    }

    /** Adds what is wrong with a piece, and gives how many events of it wait. */
    private long check(Piece piece, long passed, Set<Long> aside, List<String> damage) {
        try {
            Directory directory = pieces.directory(null, piece);
            if (directory == null) {
                damage.add(where(piece, piece.first()) + ": the directory of its piece is damaged, with "
                        + piece.events() + " events");
                return piece.events();
            }
            long events = 0;
            for (int i = 0; i < directory.count(); i++) {
                long position = piece.first() + i;
                if (position > passed && !aside.contains(position)) {
                    events += directory.events(i);
                    int length = directory.offset(i + 1) - directory.offset(i);
                    if (!directory.isSound(i, pieces.bytes(null, piece, directory.offset(i), length), 0)) {
                        damage.add(where(piece, position) + " fails its checksum, with " + directory.events(i)
                                + " events");
                    }
                }
            }
            return events;
        } catch (IOException e) {
            damage.add(where(piece, piece.first()) + " and those with it cannot be read (" + e.getMessage() + "), with "
                    + piece.events() + " events");
            return piece.events();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String where(Piece piece, long position) {
        return "batch " + position + " of the database of key " + piece.databaseId()
                + (piece.segment() == null ? ", in its row" : ", " + bodies.where(piece));
    }
}
