package org.svos.telemetry.gateway.quota;

/**
 * What a database has used of its quota, in integers. A state never changes: a charge makes the next one.
 *
 * <p>The day: {@code dayUsed} bytes of the UTC day {@code day}; the first look on a later day begins at none.
 *
 * <p>The rate is a bucket that holds {@code burst} events, kept as what it lacks, in thousandths of an event, because then a
 * refill of {@code eventsPerSecond} is that many thousandths a millisecond, and nothing is ever rounded:
 *
 * <pre>
 * debt(now) = max(0, min(debt, burst · 1000) − (now − debtAt) · eventsPerSecond)
 * n events fit if debt(now) + n · 1000 ≤ burst · 1000, and otherwise after ⌈(debt(now) + n · 1000 − burst · 1000) /
 * eventsPerSecond⌉ milliseconds
 * </pre>
 *
 * A state that nothing was ever charged to lacks nothing, so a burst that is raised is there at once.
 *
 * <p>A clock that steps back gives nothing back: the bucket goes on from the earlier time with the debt it has, and the day stays
 * the later one until the clock has come to it again, or, where that is more than a day off, the clock's day with the later
 * one's use. (A clock that was years ahead when the gateway started must not shut its databases out for years.)
 *
 * @param day days since the epoch
 * @param debt thousandths of events, as of {@code debtAt}
 * @param debtAt epoch milliseconds
 */
public record QuotaState(long day, long dayUsed, long debt, long debtAt) {

    private static final long DAY_MILLIS = 86_400_000;
    private static final long MILLI = 1_000;

    /** Of a database that has used nothing yet. */
    public static final QuotaState UNUSED = new QuotaState(0, 0, 0, 0);

    /** What a quota says to a batch. */
    public sealed interface Decision {

        /** There is room; it is charged. */
        record Fits(QuotaState next) implements Decision {}

        /** An empty day, or a full bucket, could not hold it. */
        record NeverFits(Policy policy, long limit, long actual) implements Decision {}

        /**
         * There is no room now; nothing is charged.
         *
         * @param current the state as it is now, which is to be kept where the clock stepped back
         * @param dayWaitMillis until there is room in the day, by an empty one; 0 if the day has room
         * @param rateWaitMillis until the bucket has filled enough; 0 if it has
         */
        record Over(QuotaState current, long dayWaitMillis, long rateWaitMillis) implements Decision {}
    }

    /** This state as it is at that time, under that quota. */
    public QuotaState at(Quota quota, long now) {
        long today = Math.floorDiv(now, DAY_MILLIS);
        boolean dayOver = today > day;
        boolean clockWasFarAhead = day - today > 1;
        long owed = Math.min(debt, quota.burst() * MILLI);
        long elapsed = Math.max(0, now - debtAt);
        long refilledAfter = Math.ceilDiv(owed, quota.eventsPerSecond());
        return new QuotaState(
                dayOver || clockWasFarAhead ? today : day,
                dayOver ? 0 : dayUsed,
                elapsed >= refilledAfter ? 0 : owed - elapsed * quota.eventsPerSecond(),
                now);
    }

    /**
     * Decides on a batch.
     *
     * @param events valid ones
     * @param bytes decompressed
     */
    public Decision decide(Quota quota, long now, long events, long bytes) {
        if (bytes > quota.bytesPerDay()) {
            return new Decision.NeverFits(Policy.DAY, quota.bytesPerDay(), bytes);
        }
        if (events > quota.burst()) {
            return new Decision.NeverFits(Policy.RATE, quota.burst(), events);
        }
        QuotaState current = at(quota, now);
        long used = current.dayUsed + bytes;
        long owed = current.debt + events * MILLI;
        boolean dayHolds = used <= quota.bytesPerDay();
        long excess = owed - quota.burst() * MILLI;
        if (dayHolds && excess <= 0) {
            return new Decision.Fits(new QuotaState(current.day, used, owed, now));
        }
        return new Decision.Over(
                current,
                dayHolds ? 0 : current.dayEndsAt() - now,
                excess <= 0 ? 0 : Math.ceilDiv(excess, quota.eventsPerSecond()));
    }

    /** Events that the bucket lacks, the last begun one included. */
    public long rateUsed() {
        return Math.ceilDiv(debt, MILLI);
    }

    /** What is left at that time. */
    public Standing standing(Quota quota, long now) {
        QuotaState current = at(quota, now);
        long capacity = quota.burst() * MILLI;
        return new Standing(
                quota,
                Math.max(0, quota.bytesPerDay() - current.dayUsed),
                Math.ceilDiv(current.dayEndsAt() - now, MILLI),
                (capacity - current.debt) / MILLI,
                Math.ceilDiv(Math.ceilDiv(current.debt, quota.eventsPerSecond()), MILLI));
    }

    private long dayEndsAt() {
        return (day + 1) * DAY_MILLIS;
    }
}
