package org.svos.telemetry.gateway.admission;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.admission.Outcome.Unavailable.Cause;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.quota.QuotaState;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;

/**
 * The gateway's one decision on a batch. Whoever brings one waits until it is decided, and an {@link Outcome.Accepted} is on disk
 * before it is told. Batches that wait together are decided and committed together, each by itself: what one is refused for
 * does not touch the others.
 */
public final class Admission implements AutoCloseable {

    private final AdmissionSettings settings;
    private final Store store;
    private final Quotas quotas;
    private final AdmissionMeters meters;
    private final AdmissionWriter writer;
    private final Set<Key> inUse = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;

    private record Key(long databaseId, SandboxId sandbox, String key) {}

    /** Admission into that spool; it begins to decide at once. */
    public Admission(
            Store store,
            Quotas quotas,
            Spool spool,
            Ledger ledger,
            Registrations registrations,
            MeterRegistry registry,
            AdmissionSettings settings) {
        this.store = store;
        this.quotas = quotas;
        this.settings = settings;
        meters = new AdmissionMeters(registry);
        writer = new AdmissionWriter(store, quotas, spool, ledger, registrations, registry, meters, settings);
    }

    /** Lets somebody look on; only one can. */
    public void watchedBy(DecisionWatch watch) {
        writer.watchedBy(watch);
    }

    /** Decides on a batch; blocks until it is decided, and durable if it is accepted. */
    public Outcome admit(Batch batch) {
        long start = System.nanoTime();
        if (draining) {
            return new Outcome.Unavailable(Cause.DRAINING);
        }
        Key key = new Key(batch.database().id(), batch.sandbox(), batch.key());
        if (!inUse.add(key)) {
            return new Outcome.KeyInUse(lastStanding(batch.database()));
        }
        try {
            return decide(batch);
        } finally {
            inUse.remove(key);
            meters.took(System.nanoTime() - start);
        }
    }

    private Outcome decide(Batch batch) {
        Pending pending = new Pending(batch);
        if (!writer.offer(pending)) {
            return new Outcome.Unavailable(draining ? Cause.DRAINING : Cause.OVERLOADED);
        }
        Outcome outcome = pending.await(settings.maxWait().toNanos());
        if (outcome == null) {
            writer.withdraw(pending);
            return new Outcome.Unavailable(Cause.OVERLOADED);
        }
        return outcome;
    }

    /** What a database has left of its quota, as of the last commit. */
    public Standing standing(Database database) {
        return quotas.state(database.id()).standing(database.quota(), store.now());
    }

    /** The same of several, in their order, with one look at the store. */
    public List<Standing> standings(List<Database> databases) {
        Map<Long, QuotaState> states =
                quotas.states(databases.stream().map(Database::id).toList());
        long now = store.now();
        return databases.stream()
                .map(database ->
                        states.getOrDefault(database.id(), QuotaState.UNUSED).standing(database.quota(), now))
                .toList();
    }

    /** The same as of the last commit here; without a look at the store once it is known. */
    public Standing lastStanding(Database database) {
        return quotas.lastSeen(database.id()).standing(database.quota(), store.now());
    }

    /** Forgets expired keys among that many of the oldest; whether there may be more. */
    boolean forgetExpiredKeys(int keys) {
        return writer.forgetExpiredKeys(keys);
    }

    /** Refuses what comes from now on; what waits is still decided. */
    public void drain() {
        draining = true;
    }

    /** Refuses what comes, decides what waits, and ends. */
    @Override
    public void close() {
        drain();
        writer.close();
    }
}
