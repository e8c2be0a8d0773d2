package org.svos.telemetry.gateway.admission;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.quota.Policy;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.QuotaState;
import org.svos.telemetry.gateway.quota.QuotaState.Decision;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;

/**
 * Batches that are decided on one after another for one commit: is it a duplicate, has its database room for it, then it goes
 * to the spool. What they add up to is kept here and written once: quotas, ledger, streams, hosts.
 */
final class Group {

    private static final long MILLIS = 1_000;

    private final Changes changes;
    private final Circumstances circumstances;
    private final AdmissionMeters meters;
    private final Map<Long, QuotaState> states = new HashMap<>();
    private final Map<Long, QuotaState> charged = new LinkedHashMap<>();
    private final Map<Line, Sum> lines = new LinkedHashMap<>();
    private final List<SpooledBatch> accepted = new ArrayList<>();
    private final List<Batch> acceptedBatches = new ArrayList<>();
    private final Streams.Shown streams = new Streams.Shown();
    private final Hosts.Told hosts = new Hosts.Told();

    /** A line of the ledger that this group adds to. */
    private record Line(long databaseId, Account account, String reason) {}

    private static final class Sum {
        private final String database;
        private long events;
        private long bytes;

        Sum(String database) {
            this.database = database;
        }
    }

    Group(Changes changes, Circumstances circumstances, AdmissionMeters meters) {
        this.changes = changes;
        this.circumstances = circumstances;
        this.meters = meters;
    }

    /** Decides on a batch. The answer counts once the changes are durable. */
    Outcome decide(Batch batch) {
        if (!circumstances.haveSandbox(batch)) {
            return new Outcome.SandboxGone();
        }
        return switch (circumstances.key(batch)) {
            case AdmittedKeys.Known.Admitted known -> repeated(batch, known);
            case AdmittedKeys.Known.Fresh() -> fresh(batch);
        };
    }

    private Outcome repeated(Batch batch, AdmittedKeys.Known.Admitted known) {
        receive(batch);
        if (known.sameBody()) {
            add(batch, Account.DUPLICATE, Ledger.NO_REASON, batch.summary().events(), batch.bytes());
            return new Outcome.Replayed(known.accepted(), known.rejected(), standing(batch));
        }
        add(batch, Account.REJECTED, Account.KEY_REUSED, batch.summary().events(), batch.bytes());
        return new Outcome.KeyReused(standing(batch));
    }

    private Outcome fresh(Batch batch) {
        Quota quota = batch.database().quota();
        long id = batch.database().id();
        receive(batch);
        QuotaState state = state(id);
        boolean shadow = quota.mode() == Quota.Mode.SHADOW;
        return switch (state.decide(quota, changes.now(), batch.summary().valid(), batch.bytes())) {
            case Decision.Fits(QuotaState next) -> {
                states.put(id, next);
                charged.put(id, next);
                meters.admitted(changes, Set.of());
                yield accept(batch);
            }
            case Decision.NeverFits(Policy policy, long limit, long actual) -> {
                if (shadow) {
                    meters.admitted(changes, EnumSet.of(policy));
                    yield accept(batch);
                }
                meters.refused(changes, EnumSet.of(policy));
                add(
                        batch,
                        Account.REJECTED,
                        Account.BATCH_EXCEEDS_QUOTA,
                        batch.summary().events(),
                        batch.bytes());
                yield new Outcome.ExceedsQuota(policy, limit, actual, standing(batch));
            }
            case Decision.Over over -> {
                if (changes.now() < state.debtAt()) {
                    // The clock stepped back: from here on the bucket fills by the clock as it is now.
                    states.put(id, over.current());
                    charged.put(id, over.current());
                }
                if (shadow) {
                    meters.admitted(changes, violated(over));
                    yield accept(batch);
                }
                meters.refused(changes, violated(over));
                add(
                        batch,
                        Account.REJECTED,
                        Account.QUOTA_EXCEEDED,
                        batch.summary().events(),
                        batch.bytes());
                yield over(batch, over);
            }
        };
    }

    private static Set<Policy> violated(Decision.Over over) {
        Set<Policy> violated = EnumSet.noneOf(Policy.class);
        if (over.dayWaitMillis() > 0) {
            violated.add(Policy.DAY);
        }
        if (over.rateWaitMillis() > 0) {
            violated.add(Policy.RATE);
        }
        return violated;
    }

    private Outcome over(Batch batch, Decision.Over over) {
        Quota quota = batch.database().quota();
        boolean byDay = over.dayWaitMillis() >= over.rateWaitMillis();
        return new Outcome.OverQuota(
                violated(over),
                byDay ? Policy.DAY : Policy.RATE,
                byDay ? quota.bytesPerDay() : quota.burst(),
                byDay ? over.current().dayUsed() : over.current().rateUsed(),
                Math.ceilDiv(Math.max(over.dayWaitMillis(), over.rateWaitMillis()), MILLIS),
                standing(batch));
    }

    private Outcome accept(Batch batch) {
        BatchSummary summary = batch.summary();
        acceptedBatches.add(batch);
        accepted.add(new SpooledBatch(
                0,
                batch.database().id(),
                batch.sandbox(),
                batch.key(),
                Instant.ofEpochMilli(changes.now()),
                summary.valid(),
                batch.bytes(),
                summary.limits(),
                batch.encoding(),
                batch.body(),
                batch.traceparent()));
        streams.see(batch);
        add(batch, Account.ACCEPTED, Ledger.NO_REASON, summary.valid(), batch.bytes());
        for (Rejection rejection : summary.rejected()) {
            add(batch, Account.REJECTED, rejection.code().wireName(), 1, 0);
        }
        return new Outcome.Accepted(summary.valid(), summary.rejected(), standing(batch));
    }

    private void receive(Batch batch) {
        hosts.hear(batch.summary());
        add(batch, Account.RECEIVED, Ledger.NO_REASON, batch.summary().events(), batch.bytes());
    }

    private void add(Batch batch, Account account, String reason, long events, long bytes) {
        Sum sum = lines.computeIfAbsent(
                new Line(batch.database().id(), account, reason),
                line -> new Sum(batch.database().name()));
        sum.events += events;
        sum.bytes += bytes;
    }

    private QuotaState state(long databaseId) {
        QuotaState state = states.get(databaseId);
        if (state == null) {
            state = circumstances.quota(databaseId);
            states.put(databaseId, state);
        }
        return state;
    }

    private Standing standing(Batch batch) {
        return state(batch.database().id()).standing(batch.database().quota(), changes.now());
    }

    /** Writes all that the decisions come to. */
    void write(
            Deciding deciding,
            Spool spool,
            AdmittedKeys keys,
            Quotas quotas,
            Ledger ledger,
            Streams streamsRoom,
            Hosts hostsRoom)
            throws SQLException {
        if (!accepted.isEmpty()) {
            long[] positions = spool.append(deciding, accepted);
            for (int i = 0; i < positions.length; i++) {
                keys.remember(changes, acceptedBatches.get(i), positions[i]);
            }
        }
        for (Map.Entry<Long, QuotaState> entry : charged.entrySet()) {
            quotas.save(changes, entry.getKey(), entry.getValue());
        }
        for (Map.Entry<Line, Sum> entry : lines.entrySet()) {
            Line line = entry.getKey();
            Sum sum = entry.getValue();
            ledger.add(changes, line.databaseId(), sum.database, line.account(), line.reason(), sum.events, sum.bytes);
        }
        streamsRoom.write(deciding, ledger, streams);
        hostsRoom.write(deciding, hosts);
    }
}
