package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** SQLite's file, and what is done with it that is nobody else's concern: how it is made, synced, written back and shrunk. */
record SqliteFile(Path path) {

    private static final int BUSY_MILLIS = 5_000;
    private static final int CHUNK = 1 << 20;
    private static final int WAL_KEPT_BYTES = 64 << 20;
    private static final int FREE_PAGES_KEPT = 2_000;
    private static final int WRITER_CACHE_KIB = 8 << 10;
    private static final int READER_CACHE_KIB = 2 << 10;

    Dialect dialect() {
        return Dialect.SQLITE;
    }

    /** A source of connections to it. */
    DataSource source() {
        SQLiteConfig config = new SQLiteConfig();
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setJournalSizeLimit(WAL_KEPT_BYTES);
        // The driver would ask for the last row's key after each insert.
        config.setGetGeneratedKeys(false);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + path);
        return source;
    }

    static String begin(boolean readOnly) {
        return readOnly ? "begin" : "begin immediate";
    }

    /**
     * The statement after which a commit of that connection returns when it is on disk, or when it outlives the process. In WAL
     * mode the first is FULL, an fsync of the log for each commit; with NORMAL the log is synced before it is written back.
     */
    static String sync(boolean wanted) {
        return wanted ? "pragma synchronous = full" : "pragma synchronous = normal";
    }

    /** Writes what the log has back to the file. Between transactions only. */
    static void checkpoint(Tx tx) throws SQLException {
        // Read to its end: a statement in progress would keep the next transaction from its commit.
        try (ResultSet row = tx.statement("pragma wal_checkpoint(passive)").executeQuery()) {
            while (row.next()) {
                // How much was written back is nobody's concern.
            }
        }
    }

    /**
     * Brings to the disk what was committed without a sync, after one that failed, or before anything is built on it at a start. A
     * sync that fails leaves the kernel's pages unwritten and marked as written: the next one says "done" and does nothing.
     * So the bytes are written again as they are. Nobody appends to the log meanwhile.
     */
    void syncAgain() throws IOException {
        if (Files.exists(log())) {
            rewrite(log());
        }
    }

    /** Brings to the disk what was committed. */
    void sync(Disk disk) throws IOException {
        try (FileChannel channel = FileChannel.open(log(), StandardOpenOption.WRITE)) {
            disk.sync(channel);
        } catch (NoSuchFileException _) {
            // Nothing was committed since the file was opened.
        }
    }

    private Path log() {
        return path.resolveSibling(path.getFileName() + "-wal");
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

    /** Makes the file, if it is not there, with what cannot be changed once the first table is in it. */
    void create() throws SQLException, IOException {
        ownersOnly();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement()) {
            // Lets the file shrink again; and it comes before WAL, which writes the file's header.
            statement.execute("pragma auto_vacuum = incremental");
            statement.execute("pragma journal_mode = wal");
        }
    }

    /** Hashes of tokens and other people's telemetry are in it. The engine gives its side files the same permissions. */
    private void ownersOnly() throws IOException {
        // Not asked of the file's own mount: in a chroot there may be none to be found.
        if (Files.notExists(path)
                && path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** A new connection. */
    Connection connect(boolean readOnly) throws SQLException {
        Connection connection = source().getConnection();
        try (Statement statement = connection.createStatement()) {
            // Its own checkpoints come in the middle of a commit, and it tells nobody when one fails.
            statement.execute("pragma wal_autocheckpoint = 0");
            statement.execute("pragma query_only = " + readOnly);
            statement.execute("pragma cache_size = -" + (readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB));
        }
        return connection;
    }

    /**
     * Gives up to that many unused pages back to the file system; whether there are more. Some are kept, as a file that
     * shrinks after every batch grows with the next.
     */
    static boolean shrink(Tx tx, int pages) throws SQLException {
        try (Statement statement = tx.connection().createStatement()) {
            long spare;
            try (ResultSet unused = statement.executeQuery("pragma freelist_count")) {
                spare = unused.next() ? unused.getLong(1) - FREE_PAGES_KEPT : 0;
            }
            if (spare <= 0) {
                return false;
            }
            long freeing = Math.min(spare, pages);
            // Not execute(): the driver would take one step of it, and each step gives one page back.
            statement.executeUpdate("pragma incremental_vacuum(" + freeing + ")");
            return spare > freeing;
        }
    }

    /** What the engine finds wrong with it: a line each, none if it is sound. */
    static List<String> check(Tx tx) throws SQLException {
        List<String> faults = new ArrayList<>();
        try (ResultSet row = tx.statement("pragma integrity_check").executeQuery()) {
            while (row.next()) {
                faults.add(row.getString(1));
            }
        }
        faults.removeIf("ok"::equals);
        return faults;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
