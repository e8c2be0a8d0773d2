package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.ledger.Balance;
import org.svos.telemetry.gateway.registry.Database;

class UpkeepTest {

    @TempDir
    Path data;

    @Test
    void whatIsPassedOrExpiredGoesByItselfAndTheGaugesFollow() throws InterruptedException {
        SetClock clock = new SetClock(Instant.parse("2026-11-22T10:00:00Z"));
        try (Rooms rooms = new Rooms(data, clock)) {
            Database database = rooms.register("lab", Rooms.QUOTA, Rooms.sandbox(1));
            for (int i = 0; i < 3; i++) {
                rooms.admission.admit(Rooms.batch(database, Rooms.sandbox(1), "k" + i, "body", 1));
            }
            clock.advance(Duration.ofDays(7));
            rooms.admission.admit(Rooms.batch(database, Rooms.sandbox(1), "young", "body", 1));
            rooms.store.write(tx -> {
                rooms.spool.pass(tx, database.id(), 2);
                return null;
            });
            Balance balance = new Balance(rooms.ledger, rooms.meters);
            Upkeep upkeep = new Upkeep(rooms.store, rooms.spool, rooms.admission, new Forgetting(rooms.store), balance);
            try {
                for (int i = 0; i < 500 && (rows(rooms, "spool") > 2 || rows(rooms, "admitted_key") > 1); i++) {
                    Thread.sleep(10);
                }
                assertThat(rows(rooms, "spool")).isEqualTo(2);
                assertThat(rows(rooms, "admitted_key")).isEqualTo(1);
                // Two events were passed and never counted as anything: the check finds them.
                for (int i = 0; i < 500 && gauge(rooms, "telemetry.ledger.imbalance.events") == 0; i++) {
                    Thread.sleep(10);
                }
                assertThat(gauge(rooms, "telemetry.ledger.imbalance.events")).isEqualTo(2);
                assertThat(gauge(rooms, "telemetry.spool.oldest.age.seconds")).isEqualTo(7 * 86_400);
            } finally {
                upkeep.close();
            }
        }
    }

    private static long rows(Rooms rooms, String table) {
        return rooms.store.read(tx -> {
            try (var row = tx.statement("select count(*) from " + table).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private static double gauge(Rooms rooms, String name) {
        return rooms.meters.get(name).gauge().value();
    }
}
