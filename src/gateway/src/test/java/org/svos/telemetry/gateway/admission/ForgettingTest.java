package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.gateway.registry.Database;

/** What is left of hosts that have not been heard of for long. */
class ForgettingTest {

    private static final Duration LONG = Forgetting.KEPT.plusDays(1);

    @TempDir
    Path data;

    private final SetClock clock = new SetClock(Instant.parse("2026-11-24T10:00:00Z"));
    private Rooms rooms;
    private Database lab;
    private Database field;
    private Forgetting forgetting;
    private int key;

    /** Those of a store that is there already, or is not yet. */
    Rooms rooms(InstantSource clock) {
        return new Rooms(data, clock);
    }

    @BeforeEach
    void open() {
        rooms = rooms(clock);
        lab = rooms.register("lab", Rooms.QUOTA, Rooms.sandbox(1));
        field = rooms.register("field", Rooms.QUOTA, Rooms.sandbox(2));
        forgetting = new Forgetting(rooms.store);
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void bootsThatAHostMadeUpGoAndWhatTheyLostStaysInTheLedger() {
        for (int i = 0; i < 20; i++) {
            post(lab, "h1", "made-up-" + i, 2);
        }
        post(field, "h1", "made-up-0", 2);
        long gaps = rooms.ledger.of(lab.id()).sequenceGaps();
        clock.advance(LONG);
        post(lab, "h1", "b2", 3);
        assertThat(rooms.ledger.all().hostLost()).isEqualTo(Map.of("ringFull", 43L));

        while (forgetting.forget(7)) {
            assertThat(rooms.ledger.all().hostLost()).isEqualTo(Map.of("ringFull", 43L));
        }
        assertThat(rows("select host_id || ' ' || boot_id from stream_sequence"))
                .containsExactly("h1 b2");
        assertThat(rows("select host_id || ' ' || boot_id from host_lost")).containsExactly("h1 b2");
        assertThat(rooms.ledger.hostLost(lab.id())).isEqualTo(Map.of("ringFull", 43L));
        assertThat(rooms.ledger.hostLost(field.id())).isEqualTo(Map.of("ringFull", 2L));
        assertThat(rooms.ledger.of(lab.id()).sequenceGaps()).isEqualTo(gaps);
    }

    @Test
    void aBootThatGoesOnIsKeptHoweverLongAgoItLostSomething() {
        post(lab, "h1", "b1", 2);
        clock.advance(LONG);
        post(lab, "h1", "b1", 2);
        forgetting.forget(100);
        assertThat(rows("select boot_id from host_lost")).containsExactly("b1");
        post(lab, "h1", "b1", 2);
        assertThat(rooms.ledger.all().hostLost()).isEqualTo(Map.of("ringFull", 2L));
    }

    @Test
    void hostsThatPostNoMoreGoAndOthersStay() {
        post(lab, "h1", "b1", 0);
        clock.advance(LONG);
        post(lab, "h2", "b1", 0);
        forgetting.forget(100);
        assertThat(rows("select id from host")).containsExactly("h2");
        assertThat(rows("select host_id from stream_sequence")).containsExactly("h2");
    }

    @Test
    void itIsLookedForOnceAnHour() {
        assertThat(forgetting.forget(100)).isFalse();
        post(lab, "h1", "b1", 0);
        clock.advance(Forgetting.KEPT.plusMinutes(1));
        forgetting.forget(100);
        assertThat(rows("select id from host")).isEmpty();
        post(lab, "h1", "b1", 0);
        rooms.store.write(tx -> {
            tx.change("update host set last_batch_at = 0");
            return null;
        });
        forgetting.forget(100);
        assertThat(rows("select id from host")).containsExactly("h1");
        clock.advance(Duration.ofHours(1));
        forgetting.forget(100);
        assertThat(rows("select id from host")).isEmpty();
    }

    @Test
    void whatABatchLeavesOutIsTakenFromTheOneBeforeAlsoInTheSameCommit() {
        var told = new Hosts.Told();
        told.hear(Rooms.summary(new Host("h1", "lab-17", "b1", "6.1", "1.0"), null, 1, 1, List.of()));
        told.hear(Rooms.summary(new Host("h1", null, null, null, "1.1"), null, 2, 1, List.of()));
        rooms.store.decide(List.of(), deciding -> {
            new Hosts(rooms.store, rooms.meters).write(deciding, told);
            return null;
        });
        assertThat(rows("select name || ' ' || boot_id || ' ' || kernel || ' ' || loader_version from host"))
                .containsExactly("lab-17 b1 6.1 1.1");
    }

    private void post(Database database, String host, String boot, long lost) {
        key++;
        HostLoss loss = lost == 0 ? null : new HostLoss(lost, 0, 0, 0, 0);
        var summary = Rooms.summary(new Host(host, null, boot, null, null), loss, 2L * key, 1, List.of());
        Outcome outcome = rooms.admission.admit(
                Rooms.batch(database, Rooms.sandbox(database.equals(lab) ? 1 : 2), "k" + key, "body", summary));
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
    }

    private List<@Nullable String> rows(String sql) {
        return rooms.store.read(tx -> {
            List<@Nullable String> rows = new ArrayList<>();
            try (ResultSet row = tx.statement(sql).executeQuery()) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
            return rows;
        });
    }
}
