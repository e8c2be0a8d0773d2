package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteException;

/**
 * What differs between the engines that a store runs on; everything else is the same SQL. Upserts are {@code ON CONFLICT},
 * what comes back of a write is {@code RETURNING}.
 */
public enum Dialect {
    /** The embedded default: one file, one process. */
    SQLITE;

    private static final int BUSY_MILLIS = 5_000;
    private static final int CHUNK = 1 << 20;
    private static final int WAL_KEPT_BYTES = 64 << 20;
    private static final int FREE_PAGES_KEPT = 2_000;
    private static final int WRITER_CACHE_KIB = 8 << 10;
    private static final int READER_CACHE_KIB = 2 << 10;

    /** The words of the migrations that engines spell differently. */
    Map<String, String> placeholders() {
        return switch (this) {
            // AUTOINCREMENT: without it SQLite gives the highest key again once its row is gone.
            case SQLITE ->
                Map.of(
                        "identity", "integer primary key autoincrement",
                        "number", "integer primary key",
                        "bytes", "blob");
        };
    }

    /** A source of connections to a store in that file. */
    DataSource source(Path file) {
        return switch (this) {
            case SQLITE -> sqlite(file);
        };
    }

    String begin(boolean readOnly) {
        return switch (this) {
            case SQLITE -> readOnly ? "begin" : "begin immediate";
        };
    }

    /**
     * The statement after which a commit of that connection returns when it is on disk, or when it outlives the process. In WAL
     * mode the first is FULL, an fsync of the log for each commit; with NORMAL the log is synced before it is written back.
     */
    String sync(boolean wanted) {
        return switch (this) {
            case SQLITE -> wanted ? "pragma synchronous = full" : "pragma synchronous = normal";
        };
    }

    /** Writes what the log has back to the file, where there is any use in that. Between transactions only. */
    void checkpoint(Tx tx) throws SQLException {
        switch (this) {
            case SQLITE -> {
                // Read to its end: a statement in progress would keep the next transaction from its commit.
                try (ResultSet row =
                        tx.statement("pragma wal_checkpoint(passive)").executeQuery()) {
                    while (row.next()) {
                        // How much was written back is nobody's concern.
                    }
                }
            }
        }
    }

    /**
     * Brings to the disk what was committed without a sync, after one that failed, or before anything is built on it at a start. A
     * sync that fails leaves the kernel's pages unwritten and marked as written: the next one says "done" and does nothing.
     * So the bytes are written again as they are. Nobody appends to the log meanwhile.
     */
    void syncAgain(Path file) throws IOException {
        switch (this) {
            case SQLITE -> {
                Path log = file.resolveSibling(file.getFileName() + "-wal");
                if (Files.exists(log)) {
                    rewrite(log);
                }
            }
        }
    }

    private static void rewrite(Path log) throws IOException {
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            long size = channel.size();
            for (long at = 0; at < size; at += chunk.limit()) {
                chunk.clear().limit((int) Math.min(CHUNK, size - at));
                Segment.readAll(channel, chunk, at);
                Segment.writeAll(channel, chunk.flip(), at);
            }
            channel.force(false);
        }
    }

    private static SQLiteDataSource sqlite(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setJournalSizeLimit(WAL_KEPT_BYTES);
        // The driver would ask for the last row's key after each insert.
        config.setGetGeneratedKeys(false);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /** Makes the file, if it is not there, with what cannot be changed once the first table is in it. */
    void create(Path file) throws SQLException, IOException {
        switch (this) {
            case SQLITE -> {
                ownersOnly(file);
                try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                        Statement statement = connection.createStatement()) {
                    // Lets the file shrink again; and it comes before WAL, which writes the file's header.
                    statement.execute("pragma auto_vacuum = incremental");
                    statement.execute("pragma journal_mode = wal");
                }
            }
        }
    }

    /** Hashes of tokens and other people's telemetry are in it. The engine gives its side files the same permissions. */
    private static void ownersOnly(Path file) throws IOException {
        // Not asked of the file's own mount: in a chroot there may be none to be found.
        if (Files.notExists(file)
                && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** A new connection. */
    Connection connect(Path file, boolean readOnly) throws SQLException {
        Connection connection = source(file).getConnection();
        switch (this) {
            case SQLITE -> {
                try (Statement statement = connection.createStatement()) {
                    // Its own checkpoints come in the middle of a commit, and it tells nobody when one fails.
                    statement.execute("pragma wal_autocheckpoint = 0");
                    statement.execute("pragma query_only = " + readOnly);
                    statement.execute("pragma cache_size = -" + (readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB));
                }
            }
        }
        return connection;
    }

    /**
     * Gives up to that many unused pages back to the file system; whether there are more. Some are kept, as a file that
     * shrinks after every batch grows with the next.
     */
    boolean shrink(Tx tx, int pages) throws SQLException {
        return switch (this) {
            case SQLITE -> {
                try (Statement statement = tx.connection().createStatement()) {
                    long spare;
                    try (ResultSet unused = statement.executeQuery("pragma freelist_count")) {
                        spare = unused.next() ? unused.getLong(1) - FREE_PAGES_KEPT : 0;
                    }
                    if (spare <= 0) {
                        yield false;
                    }
                    long freeing = Math.min(spare, pages);
                    // Not execute(): the driver would take one step of it, and each step gives one page back.
                    statement.executeUpdate("pragma incremental_vacuum(" + freeing + ")");
                    yield spare > freeing;
                }
            }
        };
    }

    /** What the engine finds wrong with its file: a line each, none if it is sound. */
    List<String> check(Tx tx) throws SQLException {
        return switch (this) {
            case SQLITE -> {
                List<String> faults = new ArrayList<>();
                try (ResultSet row = tx.statement("pragma integrity_check").executeQuery()) {
                    while (row.next()) {
                        faults.add(row.getString(1));
                    }
                }
                faults.removeIf("ok"::equals);
                yield faults;
            }
        };
    }

    Fault fault(SQLException e) {
        return switch (this) {
            case SQLITE -> sqliteFault(e);
        };
    }

    private static Fault sqliteFault(SQLException e) {
        if (!(e instanceof SQLiteException sqlite)) {
            return Fault.DEFECT;
        }
        // The low byte of an extended result code is the primary one.
        return switch (sqlite.getResultCode().code & 0xff) {
            case 13 -> Fault.FULL; // SQLITE_FULL
            case 10 -> Fault.IO; // SQLITE_IOERR
            // SQLITE_INTERNAL, PERM, BUSY, LOCKED, NOMEM, READONLY, CORRUPT, CANTOPEN, PROTOCOL, NOLFS, NOTADB
            case 2, 3, 5, 6, 7, 8, 11, 14, 15, 22, 26 -> Fault.UNAVAILABLE;
            default -> Fault.DEFECT; // SQLITE_ERROR, CONSTRAINT, MISMATCH, MISUSE, RANGE …
        };
    }

    /** What an engine's error means to those who asked. */
    enum Fault {
        FULL,
        /** A read, write or sync failed: perhaps for want of room, perhaps for a broken disk. */
        IO,
        UNAVAILABLE,
        /** The statement or its values are at fault, and so is this program. */
        DEFECT
    }
}
