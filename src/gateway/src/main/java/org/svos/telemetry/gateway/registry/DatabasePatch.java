package org.svos.telemetry.gateway.registry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.rest.Form;

/**
 * A JSON merge patch (RFC 7396) of a database. Null parts stay as they are.
 *
 * @param retentionGiven whether {@code retention}, which may be null for ever, is to be set
 */
record DatabasePatch(
        @Nullable String owner,
        @Nullable String description,
        Database.@Nullable State state,
        @Nullable QuotaForm quota,
        boolean retentionGiven,
        @Nullable Duration retention) {

    static final String SCHEMA = """
            {"type": "object", "additionalProperties": false, "properties": {
               "owner": {"type": "string", "minLength": 1, "maxLength": 128},
               "description": {"type": ["string", "null"], "maxLength": 1000},
               "state": {"enum": ["active", "suspended"]},
               "retention": {"type": ["string", "null"], "description": "ISO 8601, 1 second to 10 years; null is for ever"},
               "quota":""" + QuotaForm.SCHEMA + "}}";

    static final String EXAMPLE = """
            {"state": "suspended", "retention": "P30D", "quota": {"eventsPerSecond": 2000}}""";

    private static final Duration MIN_RETENTION = Duration.ofSeconds(1);
    private static final Duration MAX_RETENTION = Duration.ofDays(3650);

    static DatabasePatch read(Form form) {
        for (String key : new String[] {"owner", "state", "quota"}) {
            if (form.hasNull(key)) {
                form.fault(key, "must not be null");
            }
        }
        String owner = form.text("owner", NewDatabase.MAX_OWNER_CHARS);
        if (owner != null && owner.isBlank()) {
            form.fault("owner", "must not be blank");
        }
        String description =
                form.hasNull("description") ? "" : form.text("description", NewDatabase.MAX_DESCRIPTION_CHARS);
        Database.State state =
                form.choice("state", Database.State.class, word -> word.name().toLowerCase(Locale.ROOT));
        Form quota = form.object("quota");
        return new DatabasePatch(
                owner,
                description,
                state,
                quota == null ? null : QuotaForm.read(quota),
                form.has("retention"),
                retention(form));
    }

    /** Whether it changes only what an owner may. */
    boolean isOwners() {
        return owner == null && state == null && quota == null && !retentionGiven;
    }

    Database applyTo(Database database, Instant now) {
        return new Database(
                database.id(),
                database.name(),
                owner == null ? database.owner() : owner,
                description == null ? database.description() : description,
                state == null ? database.state() : state,
                quota == null ? database.quota() : quota.over(database.quota()),
                retentionGiven ? retention : database.retention(),
                database.revision() + 1,
                database.createdAt(),
                now);
    }

    private static @Nullable Duration retention(Form form) {
        String text = form.text("retention", 64);
        if (text == null) {
            return null;
        }
        Duration retention = duration(text);
        if (retention == null || retention.compareTo(MIN_RETENTION) < 0 || retention.compareTo(MAX_RETENTION) > 0) {
            form.fault(
                    "retention",
                    "must be an ISO 8601 duration of 1 second to 10 years, such as P30D or PT12H, or null");
            return null;
        }
        return retention;
    }

    /** Days and weeks are 24 hours and 7 days; months and years have no length and are no durations. */
    private static @Nullable Duration duration(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeException notOfTime) {
            try {
                Period period = Period.parse(text);
                return period.toTotalMonths() == 0 ? Duration.ofDays(period.get(ChronoUnit.DAYS)) : null;
            } catch (DateTimeException | ArithmeticException e) {
                return null;
            }
        }
    }
}
