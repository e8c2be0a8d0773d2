package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.svos.telemetry.gateway.forward.LaneFixture.messages;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;

/** A lane whose Lantern Rock takes a part of a delivery and does not say which, as a receiver of OTLP may. */
class LanePartlyTakenTest {

    @TempDir
    Path data;

    private final Set<Long> bad = new HashSet<>();
    private final Set<Long> kept = new HashSet<>();
    private final List<Delivery> asked = new ArrayList<>();
    private LaneFixture fixture;
    private Database lab;
    private Lane lane;

    @BeforeEach
    void open() {
        fixture = new LaneFixture(data);
        lab = fixture.register("lab");
        lane = new Lane(lab.id(), fixture.sharedWith(this::take));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Receipt take(Delivery delivery) {
        asked.add(delivery);
        int rejected = 0;
        for (TelemetryRecord record : delivery.records()) {
            if (bad.contains(record.segments().seq())) {
                rejected++;
            } else {
                kept.add(record.segments().seq());
            }
        }
        return rejected == 0 ? new Receipt.Delivered() : new Receipt.KeptInPart(rejected, 200, rejected + " are bad");
    }

    @Test
    void asManyAreDeadAsWereRejectedInOneLetterAndNothingIsSentAgain() throws Exception {
        bad.addAll(Set.of(2L, 5L));
        fixture.admit(lab, "k1", messages(1, 6));
        fixture.admit(lab, "k2", messages(7, 2));
        fixture.carryAll(lane);

        assertThat(asked).hasSize(2);
        assertThat(fixture.deadLetters(lab)).containsExactly("0 partly-refused 200 2");
        assertOutcomes(6, 2);
    }

    @Test
    void whereAllWereRejectedEachIsALetter() throws Exception {
        bad.addAll(Set.of(1L, 2L, 3L));
        fixture.admit(lab, "k1", messages(1, 3));
        fixture.carryAll(lane);

        assertThat(asked).hasSize(1);
        assertThat(fixture.deadLetters(lab)).containsExactly("1 refused 200 1", "2 refused 200 1", "3 refused 200 1");
        assertOutcomes(0, 3);
    }

    @Test
    void aReplaySettlesWhatIsTakenByThenAndTheRestStays() throws Exception {
        bad.addAll(Set.of(2L, 3L, 5L));
        fixture.admit(lab, "k1", messages(1, 6));
        fixture.carryAll(lane);
        assertOutcomes(3, 3);

        bad.remove(3L);
        replay();
        assertThat(fixture.deadLetters(lab)).containsExactly("0 partly-refused 200 2");
        assertOutcomes(4, 2);
        assertThat(asked)
                .extracting(Delivery::idempotencyKey)
                .containsOnly(asked.getFirst().idempotencyKey());

        replay();
        assertThat(fixture.deadLetters(lab)).containsExactly("0 partly-refused 200 2");
        assertOutcomes(4, 2);

        bad.clear();
        replay();
        assertThat(fixture.deadLetters(lab)).isEmpty();
        assertOutcomes(6, 0);
        assertThat(kept).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L);
    }

    /** Marks all letters as its API does, and lets a lane go on that knows nothing but what is stored. */
    private void replay() throws InterruptedException {
        fixture.rooms.store.write(tx -> {
            tx.change("update dead_letter set replay_at = ? where database_id = ?", tx.now(), lab.id());
            return null;
        });
        fixture.carryAll(new Lane(lab.id(), fixture.sharedWith(this::take)));
    }

    private void assertOutcomes(long delivered, long dead) {
        Totals totals = fixture.rooms.ledger.of(lab.id());
        assertThat(totals.delivered()).isEqualTo(delivered);
        assertThat(totals.deadLettered()).isEqualTo(dead);
        assertThat(totals.waiting()).isZero();
        assertThat(totals.imbalance()).isZero();
    }
}
