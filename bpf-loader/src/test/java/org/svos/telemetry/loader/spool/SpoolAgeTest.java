package org.svos.telemetry.loader.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config.SpoolBounds;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.Hook;

/** What nobody takes in time, with clocks that are set. */
class SpoolAgeTest {

    private static final SandboxId ONE = new SandboxId("00000000-1111-2222-3333-444444444444");
    private static final SpoolBounds AN_HOUR = new SpoolBounds(1_000_000, Duration.ofHours(1));

    @TempDir
    Path folder;

    private long wall = 1_800_000_000_000L;
    private long nanos = 12_345;
    private int taken;
    private Spool spool;

    @BeforeEach
    void open() throws SpoolFault {
        spool = Spool.open(folder.resolve("spool.db"), "boot-1", AN_HOUR, () -> wall, () -> nanos);
    }

    @AfterEach
    void close() throws SpoolFault {
        spool.close();
    }

    private void pass(Duration time) {
        wall += time.toMillis();
        nanos += time.toNanos();
    }

    private void commit(String key) throws SpoolFault {
        taken++;
        spool.commit(
                new Round(List.of(new NewBatch(ONE, key, 1, 100, new byte[50], taken + 1)), 1, Map.of(), Map.of()),
                captured(),
                new RingMark(7, 0));
    }

    private KernelCounts captured() {
        Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
        counts.put(Hook.MESSAGE, new HookCounts(taken, taken, 0, 0, 0, 0));
        return new KernelCounts(counts);
    }

    private String next() throws SpoolFault {
        SpooledBatch batch = spool.next(ONE);
        if (batch == null) {
            return "none";
        }
        spool.leave(batch);
        return batch.key();
    }

    private void assertEvicted(long events) {
        assertThat(spool.settled().spoolEvicted()).isEqualTo(events);
        assertThat(new Balance(captured(), spool.settled()).imbalance()).isZero();
    }

    @Test
    void whatIsTooOldGoesCountedAndWhatIsNotStays() throws SpoolFault {
        commit("a");
        pass(Duration.ofMinutes(40));
        commit("b");
        pass(Duration.ofMinutes(21));

        assertThat(next()).isEqualTo("b");
        assertEvicted(1);
        pass(Duration.ofMinutes(40));
        commit("c");
        assertThat(next()).isEqualTo("c");
        assertEvicted(2);
    }

    @Test
    void whatIsUnderWayIsNotTakenFromUnderIt() throws SpoolFault {
        commit("a");
        SpooledBatch batch = Objects.requireNonNull(spool.next(ONE));
        pass(Duration.ofHours(2));
        commit("b");
        spool.accepted(batch, 1, Map.of());

        assertEvicted(0);
        assertThat(spool.settled().accepted()).isEqualTo(1);
    }

    @Test
    void aPartIsAsOldAsWhatItWasCutFrom() throws SpoolFault {
        commit("a");
        pass(Duration.ofMinutes(50));
        SpooledBatch batch = Objects.requireNonNull(spool.next(ONE));
        spool.replace(batch, List.of(new Part("a1", 1, 50, new byte[20])));
        pass(Duration.ofMinutes(11));

        assertThat(next()).isEqualTo("none");
        assertEvicted(1);
    }

    @Test
    void aWallClockThatIsSetMakesNothingOld() throws SpoolFault {
        commit("a");
        wall += Duration.ofDays(365).toMillis();
        commit("b");
        wall -= Duration.ofDays(1000).toMillis();
        commit("c");

        assertThat(next()).isEqualTo("a");
        assertEvicted(0);
    }

    @Test
    void timePassesWhileNoLoaderRunsAsFarAsTheWallClockGoesForward() throws SpoolFault {
        commit("a");
        spool.close();
        wall -= Duration.ofDays(1000).toMillis();
        nanos = 1;
        open();
        assertThat(next()).isEqualTo("a");

        spool.close();
        wall += Duration.ofDays(1000).toMillis() + Duration.ofMinutes(61).toMillis();
        open();
        assertThat(next()).isEqualTo("none");
        assertEvicted(1);
    }

    @Test
    void whatAnEarlierFormatHeldBeginsToAgeNow() throws Exception {
        commit("a");
        spool.close();
        try (Connection file = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("spool.db"));
                Statement statement = file.createStatement()) {
            statement.executeUpdate("ALTER TABLE batch DROP COLUMN made");
            statement.executeUpdate("DROP TABLE clock");
            statement.executeUpdate("PRAGMA user_version = 2");
        }
        pass(Duration.ofDays(1));
        open();

        assertThat(next()).isEqualTo("a");
        pass(Duration.ofMinutes(61));
        assertThat(next()).isEqualTo("none");
        assertEvicted(1);
    }
}
