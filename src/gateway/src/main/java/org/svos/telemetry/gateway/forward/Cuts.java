package org.svos.telemetry.gateway.forward;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import org.svos.telemetry.gateway.store.Tx;

/** Where the batch at the head of a lane is cut into parts. */
final class Cuts {

    private static final String OF = "select event from lane_cut where database_id = ? and position = ?";
    private static final String ADD =
            "insert into lane_cut (database_id, position, event) values (?, ?, ?) on conflict do nothing";
    private static final String REMOVE = "delete from lane_cut where database_id = ? and position <= ?";

    private Cuts() {}

    static SortedSet<Integer> of(Tx tx, long databaseId, long position) throws SQLException {
        PreparedStatement of = tx.statement(OF);
        of.setLong(1, databaseId);
        of.setLong(2, position);
        var cuts = new TreeSet<Integer>();
        try (ResultSet row = of.executeQuery()) {
            while (row.next()) {
                cuts.add(row.getInt(1));
            }
        }
        return cuts;
    }

    static void add(Tx tx, long databaseId, long position, Collection<Integer> events) throws SQLException {
        PreparedStatement add = tx.statement(ADD);
        for (int event : events) {
            add.setLong(1, databaseId);
            add.setLong(2, position);
            add.setInt(3, event);
            add.executeUpdate();
        }
    }

    /** Forgets the cuts of all batches up to a position, which has passed. */
    static void remove(Tx tx, long databaseId, long position) throws SQLException {
        PreparedStatement remove = tx.statement(REMOVE);
        remove.setLong(1, databaseId);
        remove.setLong(2, position);
        remove.executeUpdate();
    }
}
