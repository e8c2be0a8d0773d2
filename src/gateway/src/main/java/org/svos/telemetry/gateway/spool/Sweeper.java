package org.svos.telemetry.gateway.spool;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/** Removes pieces that lanes have passed: some at a time, lane by lane; on a server by turning the {@link SpoolRing ring}. */
final class Sweeper {

    private static final String REMOVE = """
            delete from spool where position in (
                select position from spool where database_id = ? and last <= ? order by last limit ?)""";
    private static final String FORGET_LANE = """
            delete from lane where database_id = ?
                and not exists (select 1 from registered_database r where r.id = lane.database_id)
                and not exists (select 1 from spool s where s.database_id = lane.database_id)""";
    private static final String LANES = "select database_id from lane";
    private static final String LANES_OF_NOBODY = """
            select database_id from lane l
            where not exists (select 1 from registered_database r where r.id = l.database_id) limit 1000""";

    private final Store store;
    private final @Nullable SpoolRing ring;
    private final Set<Long> unswept = ConcurrentHashMap.newKeySet();

    Sweeper(Store store, SpoolRing.Bounds bounds) {
        this.store = store;
        ring = store.isShared() ? new SpoolRing(store, bounds) : null;
        if (ring == null) {
            unswept.addAll(store.read(tx -> keys(tx, LANES)));
        }
    }

    private static List<Long> keys(Tx tx, String sql) throws SQLException {
        List<Long> keys = new ArrayList<>();
        try (ResultSet row = tx.statement(sql).executeQuery()) {
            while (row.next()) {
                keys.add(row.getLong(1));
            }
        }
        return keys;
    }

    /** A lane has passed something, or its database is removed. */
    void passed(long databaseId) {
        if (ring == null) {
            unswept.add(databaseId);
        }
    }

    /**
     * Removes up to that many pieces, or empties a part of the ring.
     *
     * @return whether there may be more
     */
    boolean sweep(int most) {
        return ring == null ? sweepLanes(most) : turn(ring);
    }

    private boolean sweepLanes(int most) {
        for (Long databaseId : unswept) {
            int removed = store.writeUnsynced(tx -> {
                PreparedStatement remove = tx.statement(REMOVE);
                remove.setLong(1, databaseId);
                remove.setLong(2, Spool.readCursor(tx, databaseId).passed());
                remove.setInt(3, most);
                int count = remove.executeUpdate();
                if (count < most) {
                    tx.change(FORGET_LANE, databaseId);
                    tx.afterCommit(() -> unswept.remove(databaseId));
                }
                return count;
            });
            if (removed > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean turn(SpoolRing turned) {
        boolean mayBeMore = turned.turn();
        if (mayBeMore) {
            forgetLanes();
        }
        return mayBeMore;
    }

    /** Those of removed databases, and none before its last piece is gone, which would wait again. */
    private void forgetLanes() {
        List<Long> lanes = store.read(tx -> keys(tx, LANES_OF_NOBODY));
        if (!lanes.isEmpty()) {
            store.writeUnsynced(tx -> {
                for (Long databaseId : lanes) {
                    tx.change(FORGET_LANE, databaseId);
                }
                return null;
            });
        }
    }
}
