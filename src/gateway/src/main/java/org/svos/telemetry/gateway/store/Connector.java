package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the store, made when it is first needed and made anew after a fault that may have broken it. */
final class Connector {

    private static final Logger log = LoggerFactory.getLogger(Connector.class);
    /** A failed write with less room than this on the disk is for want of room. */
    private static final long NO_ROOM_BYTES = 1 << 20;

    private final SqliteFile file;
    private final boolean readOnly;
    private @Nullable Tx tx;

    Connector(SqliteFile file, boolean readOnly) {
        this.file = file;
        this.readOnly = readOnly;
    }

    Tx tx() throws SQLException {
        if (tx == null) {
            tx = new Tx(file.connect(readOnly));
        }
        return tx;
    }

    /** Rolls back what failed, and says what the failure means. */
    RuntimeException failed(@Nullable Tx failed, SQLException e) {
        abandon(failed);
        if (tx != null) {
            try {
                tx.forgetStatements();
            } catch (SQLException stuck) {
                close();
            }
        }
        return switch (file.dialect().fault(e)) {
            case FULL -> new StoreFullException("The disk of " + file + " is full", e);
            case IO -> {
                close();
                yield file.path().toFile().getUsableSpace() < NO_ROOM_BYTES
                        ? new StoreFullException("The disk of " + file + " is full", e)
                        : new StoreUnavailableException("The store " + file + " failed: " + e.getMessage(), e);
            }
            case UNAVAILABLE, CONFLICT -> {
                close();
                yield new StoreUnavailableException("The store " + file + " failed: " + e.getMessage(), e);
            }
            case DEFECT -> new IllegalStateException("A statement failed, which is a defect: " + e.getMessage(), e);
        };
    }

    /** What a failure of the journal of that store means. */
    static StoreException failed(Path file, IOException e) {
        boolean full = String.valueOf(e.getMessage()).contains("No space left")
                || file.toFile().getUsableSpace() < NO_ROOM_BYTES;
        return full
                ? new StoreFullException("The disk of " + file + " is full", e)
                : new StoreUnavailableException("The journal of " + file + " failed: " + e.getMessage(), e);
    }

    void abandon(@Nullable Tx abandoned) {
        if (abandoned == null) {
            return;
        }
        try {
            abandoned.rollback();
        } catch (SQLException e) {
            // The engine may have rolled back by itself. A connection of doubt is not used again.
            close();
        }
    }

    void close() {
        if (tx == null) {
            return;
        }
        try {
            tx.close();
        } catch (SQLException e) {
            log.warn("A connection to {} did not close cleanly: {}", file, e.getMessage());
        }
        tx = null;
    }
}
