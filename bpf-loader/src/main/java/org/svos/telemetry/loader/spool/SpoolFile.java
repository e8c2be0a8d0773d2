package org.svos.telemetry.loader.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The spool's SQLite file.
 *
 * <pre>
 *   batch       a row a waiting batch. A lane sends them by (position, part): a batch that was cut leaves two in its
 *               place, parts "0" and "1" of its position, and so on ("01" is the second half of the first half).
 *               When it was made, the spool's clock says.
 *   stream      the next sequence number of each sandbox on this boot
 *   ring        which ring was read last on a boot, by the kernel's number, and up to where it is in batches
 *   hook        the kernel's counts by boot, ring and hook; ring 0 stands for all earlier ones
 *   tally       what became of events, by boot: taken, accepted, rejected/REASON, withheld/REASON, spoolEvicted,
 *               uncleanStop
 *   clock       one row: the spool's clock and the wall's, at the last commit of a round
 *   quarantine  the last batches of one event that the gateway will never take, with its answer
 * </pre>
 */
final class SpoolFile {

    private static final System.Logger LOG = System.getLogger(SpoolFile.class.getName());
    private static final int VERSION = 3;
    private static final String[] SCHEMA = {
        """
        CREATE TABLE batch (
          id INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL, part TEXT NOT NULL,
          boot TEXT NOT NULL, sandbox TEXT NOT NULL, key TEXT NOT NULL,
          events INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL)""", "CREATE INDEX batch_by_lane ON batch (sandbox, position, part)", """
        CREATE TABLE stream (
          boot TEXT NOT NULL, sandbox TEXT NOT NULL, next_seq INTEGER NOT NULL,
          PRIMARY KEY (boot, sandbox)) WITHOUT ROWID""", """
        CREATE TABLE tally (
          boot TEXT NOT NULL, item TEXT NOT NULL, events INTEGER NOT NULL,
          PRIMARY KEY (boot, item)) WITHOUT ROWID""", """
        CREATE TABLE quarantine (
          id INTEGER PRIMARY KEY, sandbox TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,
          answer TEXT NOT NULL, body BLOB NOT NULL)""",
    };

    // From format 1, which knew one ring a start, on.
    private static final String[] RINGS = {
        """
        CREATE TABLE ring (
          boot TEXT NOT NULL PRIMARY KEY, id INTEGER NOT NULL, position INTEGER NOT NULL) WITHOUT ROWID""", """
        CREATE TABLE hook (
          boot TEXT NOT NULL, ring INTEGER NOT NULL, function TEXT NOT NULL,
          seen INTEGER NOT NULL, captured INTEGER NOT NULL, ring_full INTEGER NOT NULL,
          probe_fault INTEGER NOT NULL, recursion INTEGER NOT NULL, throttled INTEGER NOT NULL,
          PRIMARY KEY (boot, ring, function)) WITHOUT ROWID""",
    };
    // From format 2, which knew no age, on: what waited then is as old as the clock.
    private static final String[] AGES = {
        "ALTER TABLE batch ADD COLUMN made INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE clock (id INTEGER PRIMARY KEY, millis INTEGER NOT NULL, wall INTEGER NOT NULL)",
    };
    private static final String HOOKS_OF_FORMAT_1 = "ALTER TABLE hook RENAME TO hook_of_format_1";
    private static final String[] HOOKS_FROM_FORMAT_1 = {
        """
        INSERT INTO hook
        SELECT boot, 0, function, seen, captured, ring_full, probe_fault, recursion, throttled
        FROM hook_of_format_1""", "DROP TABLE hook_of_format_1",
    };

    private SpoolFile() {}

    /** Opens the file, making it if need be. One that is no database, or is torn, is set aside and a new one begun. */
    static Connection open(Path file) throws SpoolFault {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try {
                return connect(file);
            } catch (SQLiteException e) {
                if (!isTorn(e)) {
                    throw e;
                }
                setAside(file, e);
                return connect(file);
            }
        } catch (SQLException | IOException e) {
            throw new SpoolFault("opening the spool", file, e);
        }
    }

    private static boolean isTorn(SQLiteException e) {
        SQLiteErrorCode code = e.getResultCode();
        return code == SQLiteErrorCode.SQLITE_NOTADB || code == SQLiteErrorCode.SQLITE_CORRUPT;
    }

    private static void setAside(Path file, SQLiteException why) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".torn-" + System.currentTimeMillis());
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
        LOG.log(
                System.Logger.Level.ERROR,
                "The spool is torn (" + why.getMessage() + "). It was set aside as " + aside
                        + "; what waited in it is not sent.");
    }

    private static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        // A commit is on disk when it returns: only then does the ring's consumer position move.
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setPragma(SQLiteConfig.Pragma.JOURNAL_SIZE_LIMIT, "4194304");
        config.setPragma(SQLiteConfig.Pragma.CACHE_SIZE, "-1024");
        config.setBusyTimeout(10_000);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try {
            prepare(connection, file);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void prepare(Connection connection, Path file) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
                version = row.next() ? row.getInt(1) : 0;
            }
            if (version > VERSION) {
                throw new SQLException("the file was written by a newer loader (format " + version + ", this one knows "
                        + VERSION + "): install that loader, or move " + file + " away");
            }
            if (version == 0) {
                // So that the file can give pages back; it takes effect with the next VACUUM.
                statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
                statement.execute("VACUUM");
                statement.executeUpdate("BEGIN IMMEDIATE");
                run(statement, SCHEMA);
                run(statement, RINGS);
                run(statement, AGES);
                finish(statement);
            } else if (version < VERSION) {
                statement.executeUpdate("BEGIN IMMEDIATE");
                if (version == 1) {
                    run(statement, HOOKS_OF_FORMAT_1);
                    run(statement, RINGS);
                    run(statement, HOOKS_FROM_FORMAT_1);
                }
                run(statement, AGES);
                finish(statement);
            }
        }
    }

    private static void finish(Statement statement) throws SQLException {
        statement.executeUpdate("PRAGMA user_version = " + VERSION);
        statement.executeUpdate("COMMIT");
    }

    private static void run(Statement statement, String... all) throws SQLException {
        for (String sql : all) {
            statement.executeUpdate(sql);
        }
    }
}
