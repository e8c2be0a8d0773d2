package org.svos.telemetry.gateway.admission;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import org.svos.telemetry.gateway.quota.Policy;
import org.svos.telemetry.gateway.store.Changes;

/** How long decisions take, and what quotas decide. */
final class AdmissionMeters {

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(250_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final Timer admission;
    private final ByPolicy admitted;
    private final ByPolicy refused;
    private final ByPolicy wouldRefuse;

    AdmissionMeters(MeterRegistry meters) {
        admission = Timer.builder("telemetry.admission")
                .description("From a batch's arrival at admission to its decision, the sync to disk included")
                .serviceLevelObjectives(BUCKETS)
                .register(meters);
        admitted = counters(meters, "admitted");
        refused = counters(meters, "refused");
        wouldRefuse = counters(meters, "would-refuse");
    }

    private record ByPolicy(Counter day, Counter rate) {

        Counter of(Policy policy) {
            return switch (policy) {
                case DAY -> day;
                case RATE -> rate;
            };
        }
    }

    private static ByPolicy counters(MeterRegistry meters, String decision) {
        return new ByPolicy(counter(meters, Policy.DAY, decision), counter(meters, Policy.RATE, decision));
    }

    private static Counter counter(MeterRegistry meters, Policy policy, String decision) {
        return Counter.builder("telemetry.quota.decisions")
                .description("Batches, by what each policy of their database's quota decided")
                .tag("policy", policy.wireName())
                .tag("decision", decision)
                .register(meters);
    }

    void took(long nanos) {
        admission.record(Duration.ofNanos(nanos));
    }

    /** A batch was let in, against the will of those policies. */
    void admitted(Changes changes, Set<Policy> violated) {
        changes.afterCommit(() -> {
            for (Policy policy : Policy.values()) {
                (violated.contains(policy) ? wouldRefuse : admitted).of(policy).increment();
            }
        });
    }

    /** A batch was refused, by those policies. */
    void refused(Changes changes, Set<Policy> violated) {
        changes.afterCommit(() -> violated.forEach(policy -> refused.of(policy).increment()));
    }
}
