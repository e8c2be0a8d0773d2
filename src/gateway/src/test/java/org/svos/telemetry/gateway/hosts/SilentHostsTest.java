package org.svos.telemetry.gateway.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.store.FileStore;
import org.svos.telemetry.gateway.store.Store;

class SilentHostsTest {

    private static final Instant START = Instant.parse("2026-11-22T09:31:00Z");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Instant now = START;

    @TempDir
    private Path folder;

    private Store store;
    private SilentHosts hosts;

    @BeforeEach
    void open() {
        store = FileStore.open(folder, () -> now, 1 << 20);
        hosts = new SilentHosts(store, meters);
    }

    @AfterEach
    void close() {
        hosts.close();
        store.close();
    }

    @Test
    void aHostIsSilentForTheDayAfterADayWithoutABatch() {
        assertThat(silent()).as("from the start").isZero();

        posted("a");
        assertThat(silentAfter(Duration.ofDays(1).minusMillis(1))).isZero();
        assertThat(silentAfter(Duration.ofDays(1))).isEqualTo(1);
        assertThat(silentAfter(Duration.ofDays(2).minusMillis(1))).isEqualTo(1);
        assertThat(silentAfter(Duration.ofDays(2))).as("gone for good").isZero();
    }

    @Test
    void oneThatPostsAgainIsSilentNoLonger() {
        posted("a");
        posted("b");
        assertThat(silentAfter(Duration.ofHours(30))).isEqualTo(2);

        posted("b");
        hosts.refresh();
        assertThat(silent()).isEqualTo(1);
    }

    private void posted(String host) {
        store.write(tx -> {
            PreparedStatement save = tx.statement("insert into host (id, last_batch_at) values (?, ?)"
                    + " on conflict (id) do update set last_batch_at = excluded.last_batch_at");
            save.setString(1, host);
            save.setLong(2, store.now());
            return save.executeUpdate();
        });
    }

    private double silentAfter(Duration time) {
        now = START.plus(time);
        hosts.refresh();
        return silent();
    }

    private double silent() {
        return meters.get("telemetry.silent.hosts").gauge().value();
    }
}
