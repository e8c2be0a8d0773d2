package org.svos.telemetry.gateway.admission;

import org.svos.telemetry.gateway.quota.QuotaState;

/** How things are when a group is decided on, before any of its batches. */
interface Circumstances {

    /** Whether the sandbox of a batch is registered to its database still. */
    boolean haveSandbox(Batch batch);

    /** What is known of the key of a batch. */
    AdmittedKeys.Known key(Batch batch);

    /** What a database has used of its quota. */
    QuotaState quota(long databaseId);
}
