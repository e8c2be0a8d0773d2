package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.store.StoreUnavailableException;
import org.svos.telemetry.gateway.store.TestServer;

/** The same on PostgreSQL. */
class AdmissionOnServerTest extends AdmissionTest {

    private final String database = TestServer.database();

    @Override
    Rooms rooms(InstantSource clock) {
        return new Rooms(TestServer.open(database, clock), Rooms.SETTINGS);
    }

    @Test
    void aRefusalTellsOfTheQuotaWithoutAskingTheServer() {
        Rooms rooms = rooms(InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z")));
        Database lab = rooms.register("another", Rooms.QUOTA, Rooms.sandbox(7));
        Outcome.Accepted accepted =
                (Outcome.Accepted) rooms.admission.admit(Rooms.batch(lab, Rooms.sandbox(7), "k1", "body", 3));
        rooms.close();

        assertThatThrownBy(() -> rooms.admission.standing(lab)).isInstanceOf(StoreUnavailableException.class);
        assertThat(rooms.admission.lastStanding(lab)).isEqualTo(accepted.standing());
    }
}
