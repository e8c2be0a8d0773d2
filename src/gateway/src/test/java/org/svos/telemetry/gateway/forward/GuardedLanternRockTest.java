package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/** The circuit towards Lantern Rock. */
class GuardedLanternRockTest {

    private static final Receipt LATER = new Receipt.Retry("status 503", null);
    private static final Delivery DELIVERY = of("lab");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private volatile Receipt answer = LATER;
    private volatile @Nullable Error broken;
    private final GuardedLanternRock guarded = new GuardedLanternRock(
            _ -> {
                asked.incrementAndGet();
                Error error = broken;
                if (error != null) {
                    throw error;
                }
                return answer;
            },
            meters,
            nanos::get);

    @Test
    void aLanternRockThatIsDownIsLeftInPeaceAndFoundAgain() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(state()).isZero();
            guarded.deliver(DELIVERY);
        }
        assertThat(state()).isEqualTo(2);
        assertThat(guarded.isClosed()).isFalse();
        assertThat(guarded.deliver(DELIVERY)).isInstanceOf(Receipt.Retry.class);
        assertThat(asked).hasValue(20);
        answer = new Receipt.Delivered();
        Thread.sleep(1_200);
        assertThat(guarded.deliver(DELIVERY)).isEqualTo(answer);
        assertThat(state()).isZero();
    }

    @Test
    void anErrorWhileHalfOpenDoesNotLeaveItSoForEver() throws Exception {
        for (int i = 0; i < 20; i++) {
            guarded.deliver(DELIVERY);
        }
        Thread.sleep(1_200);
        broken = new OutOfMemoryError("said by a test");
        assertThatThrownBy(() -> guarded.deliver(DELIVERY)).isSameAs(broken);
        assertThat(state()).isEqualTo(1);

        broken = null;
        answer = new Receipt.Delivered();
        assertThat(guarded.deliver(DELIVERY)).isEqualTo(answer);
        assertThat(state()).isZero();
    }

    @Test
    void oneDatabaseThatHasToWaitDoesNotOpenTheCircuitForTheOthers() throws Exception {
        for (int i = 0; i < 100; i++) {
            answer = i % 15 == 0 ? new Receipt.Delivered() : LATER;
            guarded.deliver(DELIVERY);
        }
        assertThat(state()).isZero();
    }

    @Test
    void aDatabaseThatWasNotRefusedIsDeliveredWhileTheCircuitIsOpenForOneThatWas() throws Exception {
        for (int i = 0; i < 20; i++) {
            guarded.deliver(DELIVERY);
        }
        assertThat(state()).isEqualTo(2);
        answer = new Receipt.Delivered();
        assertThat(guarded.deliver(of("field"))).isEqualTo(answer);
        assertThat(state()).isZero();
    }

    @Test
    void whenAllAreRefusedEachDatabaseAsksOnceAndThenWaitsForTheCircuit() throws Exception {
        for (int i = 0; i < 20; i++) {
            guarded.deliver(DELIVERY);
        }
        for (int i = 0; i < 5; i++) {
            guarded.deliver(of("field"));
            guarded.deliver(of("yard"));
        }
        assertThat(asked).hasValue(22);
        assertThat(state()).isEqualTo(2);
    }

    @Test
    void onceManyDatabasesWereRefusedTheOthersFindOutOneAfterAnother() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(guarded.leftInPeace("lab-" + i)).isNull();
            guarded.deliver(of("lab-" + i));
        }
        assertThat(state()).isEqualTo(2);
        for (int i = 0; i < 5; i++) {
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
            assertThat(guarded.leftInPeace("lab-1")).isNotNull();
            assertThat(guarded.leftInPeace("field-" + i)).isNull();
            guarded.deliver(of("field-" + i));
            assertThat(guarded.leftInPeace("yard")).isNotNull();
        }
        assertThat(asked).hasValue(25);
    }

    @Test
    void aDatabaseWhoseLastDeliveryWasTakenIsNeverHeldUpByThoseThatAreRefused() throws Exception {
        answer = new Receipt.Delivered();
        guarded.deliver(of("field"));
        answer = LATER;
        for (int i = 0; i < 1_000; i++) {
            guarded.deliver(of("lab-" + i));
        }
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertThat(guarded.leftInPeace("yard")).isNull();
        assertThat(guarded.leftInPeace("orchard")).isNotNull();
        assertThat(guarded.leftInPeace("field")).isNull();
    }

    @Test
    void whoWasRefusedTriesInItsOwnTimeAsLongAsAnotherIsTaken() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            guarded.deliver(of("lab-" + i));
        }
        answer = new Receipt.Delivered();
        guarded.deliver(of("field"));
        answer = LATER;
        for (int i = 0; i < 100; i++) {
            guarded.deliver(of("lab-" + i));
        }
        assertThat(state()).isEqualTo(2);
        assertThat(guarded.leftInPeace("lab-1")).isNotNull();
        assertThat(guarded.leftInPeace("lab-500")).isNull();
        assertThat(guarded.leftInPeace("lab-501")).isNull();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        assertThat(guarded.leftInPeace("lab-502")).isNull();
        assertThat(guarded.leftInPeace("lab-503")).isNotNull();
    }

    @Test
    void whileTheCircuitIsHalfOpenFewAreToldToTry() throws Exception {
        for (int i = 0; i < 20; i++) {
            guarded.deliver(of("lab-" + i));
        }
        Thread.sleep(1_200);
        for (int i = 0; i < 3; i++) {
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
            assertThat(guarded.leftInPeace("lab-" + i)).isNull();
            assertThat(guarded.leftInPeace("lab-" + i)).isNotNull();
            assertThat(guarded.leftInPeace("field")).isNotNull();
        }
        answer = new Receipt.Delivered();
        guarded.deliver(of("lab-1"));
        assertThat(guarded.leftInPeace("lab-2")).isNull();
        assertThat(guarded.leftInPeace("field")).isNull();
    }

    @Test
    void aDatabaseThatIsTakenIsFoundSoonHoweverManyAreRefused() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            guarded.deliver(of("lab-" + i));
        }
        assertThat(state()).isEqualTo(2);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(guarded.leftInPeace("field")).isNull();
        answer = new Receipt.Delivered();
        assertThat(guarded.deliver(of("field"))).isEqualTo(answer);
        assertThat(state()).isZero();

        // Who was refused before that is not counted in the next outage.
        answer = LATER;
        for (int i = 0; i < 20; i++) {
            guarded.deliver(DELIVERY);
        }
        assertThat(state()).isEqualTo(2);
        assertThat(guarded.leftInPeace("lab")).isNotNull();
        assertThat(guarded.leftInPeace("field")).isNull();
        assertThat(guarded.leftInPeace("yard")).isNull();
    }

    @Test
    void whatLanternRockRefusesOrParksIsAnAnswer() throws Exception {
        for (int i = 0; i < 30; i++) {
            answer = i % 2 == 0 ? new Receipt.Parked(403, "no") : new Receipt.Refused(422, "bad");
            guarded.deliver(DELIVERY);
        }
        assertThat(state()).isZero();
    }

    private static Delivery of(String database) {
        return new Delivery(
                database,
                "k1",
                "00000000-1111-2222-3333-444444444444",
                null,
                null,
                List.of(),
                List.of(new TelemetryRecord(
                        "m", 1, 0, new Segments("message", 1, null, null, null, null), Instant.EPOCH, null, "{}")));
    }

    private int state() {
        return (int) meters.get("telemetry.upstream.circuit.state").gauge().value();
    }
}
