package org.svos.telemetry.gateway.ledger;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.gateway.store.Store;

/** What a database sent and got through, by the hour or by the day, both UTC. */
public final class Usage {

    private static final String HOURS = """
            select hour, account, events, bytes from usage_hour
            where database_id = ? and hour >= ? and hour < ? order by hour""";

    private final Store store;

    /** The usage in that store. */
    public Usage(Store store) {
        this.store = store;
    }

    /** How long a point is. */
    public enum Step {
        HOUR(Duration.ofHours(1)),
        DAY(Duration.ofDays(1));

        private final Duration length;

        Step(Duration length) {
            this.length = length;
        }

        /** The beginning of the step that an instant lies in. */
        public Instant floor(Instant instant) {
            long millis = length.toMillis();
            return Instant.ofEpochMilli(Math.floorDiv(instant.toEpochMilli(), millis) * millis);
        }

        /** How many points there are from the step of one instant until another instant. */
        public long points(Instant from, Instant to) {
            return Math.max(0, Math.ceilDiv(to.toEpochMilli() - floor(from).toEpochMilli(), length.toMillis()));
        }
    }

    /** Events, and the decompressed bytes of their batches. */
    public record Volume(long events, long bytes) {

        static final Volume NOTHING = new Volume(0, 0);

        Volume plus(long moreEvents, long moreBytes) {
            return new Volume(events + moreEvents, bytes + moreBytes);
        }
    }

    /** One step's usage. */
    public record Point(Instant from, Instant to, Volume accepted, Volume delivered, Volume rejected) {

        private Point plus(Account account, long events, long bytes) {
            return switch (account) {
                case ACCEPTED -> new Point(from, to, accepted.plus(events, bytes), delivered, rejected);
                case DELIVERED -> new Point(from, to, accepted, delivered.plus(events, bytes), rejected);
                case REJECTED -> new Point(from, to, accepted, delivered, rejected.plus(events, bytes));
                case RECEIVED, DUPLICATE, DEAD_LETTERED, DISCARDED, EXPIRED, SEQUENCE_GAP -> this;
            };
        }
    }

    /** A point for each step from the one that {@code from} lies in until {@code to}, the empty ones too. */
    public List<Point> points(long databaseId, Instant from, Instant to, Step step) {
        Instant first = step.floor(from);
        int count = Math.toIntExact(step.points(from, to));
        List<Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Instant begin = first.plus(step.length.multipliedBy(i));
            points.add(new Point(begin, begin.plus(step.length), Volume.NOTHING, Volume.NOTHING, Volume.NOTHING));
        }
        return store.read(tx -> {
            PreparedStatement hours = tx.statement(HOURS);
            hours.setLong(1, databaseId);
            hours.setLong(2, first.toEpochMilli());
            hours.setLong(3, first.plus(step.length.multipliedBy(count)).toEpochMilli());
            try (ResultSet row = hours.executeQuery()) {
                while (row.next()) {
                    int at = Math.toIntExact((row.getLong(1) - first.toEpochMilli()) / step.length.toMillis());
                    points.set(at, points.get(at).plus(Account.of(row.getString(2)), row.getLong(3), row.getLong(4)));
                }
            }
            return points;
        });
    }
}
