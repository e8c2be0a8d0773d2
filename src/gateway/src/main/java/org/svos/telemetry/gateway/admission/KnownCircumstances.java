package org.svos.telemetry.gateway.admission;

import org.svos.telemetry.gateway.quota.QuotaState;
import org.svos.telemetry.gateway.quota.Quotas;

/** Those of a process that has the store to itself: nearly all is known from memory. */
record KnownCircumstances(Registrations registrations, AdmittedKeys keys, Quotas quotas, long now)
        implements Circumstances {

    @Override
    public boolean haveSandbox(Batch batch) {
        return registrations.stillHave(batch.sandbox(), batch.database().id());
    }

    @Override
    public AdmittedKeys.Known key(Batch batch) {
        return keys.look(batch, now);
    }

    @Override
    public QuotaState quota(long databaseId) {
        return quotas.state(databaseId);
    }
}
