package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How much a step of a lane may read. */
class ReservationTest {

    private static final int KIB = 1024;
    private static final int MIB = KIB * KIB;

    private final Capacity capacity = new Capacity(10, 10, 8L * MIB, System::nanoTime);

    @Test
    void asManyBatchesAreReadAsThereIsRoomFor() {
        try (Capacity.Memory memory = capacity.memory()) {
            var room = new Reservation(memory);
            // Each takes 100 KiB twice and 500 KiB four times.
            assertThat(room.take(100 * KIB, 500 * KIB, 10)).isTrue();
            assertThat(room.take(100 * KIB, 500 * KIB, 10)).isTrue();
            assertThat(room.take(100 * KIB, 500 * KIB, 10)).isTrue();
            assertThat(room.take(100 * KIB, 500 * KIB, 10)).isFalse();
            assertThat(room.isShort()).isFalse();
        }
    }

    @Test
    void aLargeBatchGoesAloneWhateverItIsDecompressed() {
        try (Capacity.Memory memory = capacity.memory()) {
            assertThat(new Reservation(memory).take(KIB, KIB, 10)).isTrue();
        }
        try (Capacity.Memory memory = capacity.memory()) {
            var room = new Reservation(memory);
            assertThat(room.take(KIB, KIB, 10)).isTrue();
            assertThat(room.take(KIB, 32L * MIB, 10)).isFalse();
        }
        try (Capacity.Memory memory = capacity.memory()) {
            var room = new Reservation(memory);
            assertThat(room.take(KIB, 32L * MIB, 10)).isTrue();
            assertThat(room.take(KIB, KIB, 10)).isFalse();
            assertThat(capacity.memory().tryToTake(2L * MIB)).isTrue();
        }
    }

    @Test
    void theFirstBatchIsWaitedForWithoutHoldingAnythingAndIsThereThen() throws Exception {
        Capacity.Memory others = capacity.memory();
        others.take(6L * MIB);
        try (Capacity.Memory memory = capacity.memory()) {
            var room = new Reservation(memory);
            assertThat(room.take(500 * KIB, 1_000 * KIB, 10)).isFalse();
            assertThat(room.isShort()).isTrue();
            Thread waiting = Thread.ofVirtual().start(() -> await(room));
            while (capacity.waitingForMemory() == 0) {
                Thread.onSpinWait();
            }
            assertThat(room.isShort()).isTrue();
            others.close();
            assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
            assertThat(room.isShort()).isFalse();
            assertThat(room.take(500 * KIB, 1_000 * KIB, 10)).isTrue();
        }
    }

    private static void await(Reservation room) {
        try {
            room.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
