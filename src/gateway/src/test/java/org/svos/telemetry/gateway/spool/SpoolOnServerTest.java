package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.store.TestServer;

/** The spool of several processes, whose bodies are in its rows. */
class SpoolOnServerTest extends SpoolContract {

    private final String database = TestServer.database();

    @Override
    Rooms rooms() {
        return new Rooms(TestServer.open(database, null), Rooms.SETTINGS);
    }

    @Override
    void sweep() {
        rooms.store.write(tx -> tx.statement("update spool_ring set since = 0").executeUpdate()); // long ago
        super.sweep();
    }

    @Override
    void corrupt(String key) {
        byte[] batch = (Rooms.sandbox(1).value() + key + key).getBytes(StandardCharsets.US_ASCII);
        int found = rooms.store.write(tx -> {
            PreparedStatement update = tx.statement("""
                    update spool set body = overlay(body placing 'X' from position(? in body) + length(?) - 1)
                    where position(? in body) > 0""");
            for (int i = 1; i <= 3; i++) {
                update.setBytes(i, batch);
            }
            return update.executeUpdate();
        });
        assertThat(found).isEqualTo(1);
    }
}
