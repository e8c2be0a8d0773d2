package org.svos.telemetry.gateway.forward;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/** Counts and times the requests to Lantern Rock. Every outcome is there from the start. */
final class MeteredLanternRock implements LanternRock {

    private final LanternRock lanternRock;
    private final Timer seconds;
    private final Counter delivered;
    private final Counter retry;
    private final Counter parked;
    private final Counter refused;
    private final Counter keptInPart;

    MeteredLanternRock(LanternRock lanternRock, MeterRegistry meters) {
        this.lanternRock = lanternRock;
        this.seconds = Timer.builder("telemetry.upstream")
                .description("How long Lantern Rock takes to answer")
                .publishPercentileHistogram()
                .register(meters);
        this.delivered = outcome(meters, "delivered");
        this.retry = outcome(meters, "retry");
        this.parked = outcome(meters, "parked");
        this.refused = outcome(meters, "refused");
        this.keptInPart = outcome(meters, "kept-in-part");
    }

    private static Counter outcome(MeterRegistry meters, String outcome) {
        return Counter.builder("telemetry.upstream.requests")
                .description("Requests to Lantern Rock, by the class of the answer")
                .tag("outcome", outcome)
                .register(meters);
    }

    @Override
    public Receipt deliver(Delivery delivery) throws InterruptedException {
        long begin = System.nanoTime();
        Receipt receipt = lanternRock.deliver(delivery);
        seconds.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        switch (receipt) {
            case Receipt.Delivered _ -> delivered.increment();
            case Receipt.Retry _ -> retry.increment();
            case Receipt.Parked _ -> parked.increment();
            case Receipt.Refused _ -> refused.increment();
            case Receipt.KeptInPart _ -> keptInPart.increment();
        }
        return receipt;
    }
}
