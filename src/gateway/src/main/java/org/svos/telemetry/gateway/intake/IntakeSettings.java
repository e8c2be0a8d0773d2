package org.svos.telemetry.gateway.intake;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.PayloadLimits;

/**
 * What the intake takes at most.
 *
 * @param maxWireSize of a body as it came
 * @param maxSize of a body decompressed
 * @param maxRatio how many times its size on the wire a body may be, once it is past {@link #FREE_SIZE}
 * @param maxEvents of a batch
 * @param maxPayloadSize of an event's payload
 * @param maxPayloadDepth of one that is a JSON object, or a text that is to become one
 * @param bodyTimeout in which a body must have come whole
 * @param concurrentRequests beyond them the answer is 503
 * @param concurrentSize of the bodies held at a time, and of what the parser may hold of them; beyond it the answer is 503
 * @param drainTime for which a gateway that stops answers 503 before it closes its port
 */
@ConfigurationProperties("telemetry.intake")
record IntakeSettings(
        DataSize maxWireSize,
        DataSize maxSize,
        int maxRatio,
        int maxEvents,
        DataSize maxPayloadSize,
        int maxPayloadDepth,
        Duration bodyTimeout,
        int concurrentRequests,
        DataSize concurrentSize,
        Duration drainTime) {

    /** A body that small may be inflated as much as it likes. */
    static final long FREE_SIZE = DataSize.ofMegabytes(1).toBytes();

    private static final DataSize LARGEST = DataSize.ofGigabytes(1);
    private static final DataSize LARGEST_PAYLOAD = DataSize.ofMegabytes(8);
    /** With what is around it well below the depth of a body, and no matter for a thread's stack. */
    private static final int DEEPEST_PAYLOAD = 500;

    IntakeSettings {
        check(isBetween(maxWireSize, DataSize.ofBytes(1), LARGEST), "max-wire-size must be from 1B to 1GB");
        check(isBetween(maxSize, DataSize.ofBytes(1), LARGEST), "max-size must be from 1B to 1GB");
        check(maxRatio >= 1, "max-ratio must be at least 1");
        check(maxEvents >= 1, "max-events must be at least 1");
        check(
                isBetween(maxPayloadSize, DataSize.ofBytes(1), LARGEST_PAYLOAD),
                "max-payload-size must be from 1B to 8MB");
        check(
                maxPayloadDepth >= 1 && maxPayloadDepth <= DEEPEST_PAYLOAD,
                "max-payload-depth must be from 1 to " + DEEPEST_PAYLOAD);
        check(bodyTimeout.isPositive(), "body-timeout must be positive");
        check(concurrentRequests >= 1, "concurrent-requests must be at least 1");
        check(
                concurrentSize.toBytes() >= maxWireSize.toBytes() + 2 * maxSize.toBytes(),
                "concurrent-size must hold at least one body: max-wire-size, and max-size twice");
        check(!drainTime.isNegative(), "drain-time must not be negative");
    }

    /** The batch's limits: the contract's where there is no setting. */
    BatchLimits batchLimits() {
        BatchLimits contract = BatchLimits.CONTRACT;
        return new BatchLimits(
                maxEvents,
                contract.maxNameChars(),
                new PayloadLimits((int) maxPayloadSize.toBytes(), maxPayloadDepth),
                contract.maxBodyDepth());
    }

    /** How many bytes a body of that size on the wire may be decompressed. */
    long maxBytes(long wireBytes) {
        return Math.min(maxSize.toBytes(), Math.max(FREE_SIZE, maxRatio * wireBytes));
    }

    private static boolean isBetween(DataSize size, DataSize least, DataSize most) {
        return size.compareTo(least) >= 0 && size.compareTo(most) <= 0;
    }

    private static void check(boolean good, String fault) {
        if (!good) {
            throw new IllegalArgumentException("telemetry.intake." + fault);
        }
    }
}
