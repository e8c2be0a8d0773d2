package org.svos.telemetry.gateway.admission;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.svos.telemetry.gateway.quota.QuotaState;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Those of a process that is one of several: all of it is read when the group's databases are locked, as what this process
 * remembers may have been changed by another. One question for each kind of thing, however many batches there are.
 */
final class SharedCircumstances implements Circumstances {

    private static final String SANDBOXES = "select sandbox_id, database_id from sandbox where sandbox_id = any (?)";

    private final Registrations registrations;
    private final Map<String, Long> databasesBySandbox;
    private final Map<AdmittedKeys.Key, AdmittedKeys.Known> keys;
    private final Map<Long, QuotaState> quotas;

    private SharedCircumstances(
            Registrations registrations,
            Map<String, Long> databasesBySandbox,
            Map<AdmittedKeys.Key, AdmittedKeys.Known> keys,
            Map<Long, QuotaState> quotas) {
        this.registrations = registrations;
        this.databasesBySandbox = databasesBySandbox;
        this.keys = keys;
        this.quotas = quotas;
    }

    /** Reads them for those batches, whose databases are locked. */
    static SharedCircumstances read(
            Tx tx, List<Batch> batches, Set<Long> databaseIds, Registrations registrations, AdmittedKeys keys)
            throws SQLException {
        Set<String> sandboxes = new HashSet<>();
        batches.forEach(batch -> sandboxes.add(batch.sandbox().value()));
        return new SharedCircumstances(
                registrations, sandboxes(tx, sandboxes), keys.lookForAll(tx, batches), Quotas.states(tx, databaseIds));
    }

    private static Map<String, Long> sandboxes(Tx tx, Collection<String> ids) throws SQLException {
        Map<String, Long> databases = new HashMap<>();
        PreparedStatement select = tx.statement(SANDBOXES);
        select.setArray(1, tx.texts(ids));
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                databases.put(row.getString(1), row.getLong(2));
            }
        }
        return databases;
    }

    @Override
    public boolean haveSandbox(Batch batch) {
        Long database = databasesBySandbox.get(batch.sandbox().value());
        long id = batch.database().id();
        return database != null && database == id && registrations.stillHave(batch.sandbox(), id);
    }

    @Override
    public AdmittedKeys.Known key(Batch batch) {
        return keys.getOrDefault(AdmittedKeys.Key.of(batch), AdmittedKeys.FRESH);
    }

    @Override
    public QuotaState quota(long databaseId) {
        return quotas.getOrDefault(databaseId, QuotaState.UNUSED);
    }
}
