package org.svos.telemetry.gateway.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.admission.SetClock;
import org.svos.telemetry.gateway.ledger.Usage.Point;
import org.svos.telemetry.gateway.ledger.Usage.Step;
import org.svos.telemetry.gateway.ledger.Usage.Volume;

class UsageTest {

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final Volume NOTHING = new Volume(0, 0);

    @TempDir
    Path data;

    private final SetClock clock = new SetClock(NOON);
    private Rooms rooms;
    private Usage usage;

    /** Those of a store that is there already, or is not yet. */
    Rooms rooms(InstantSource clock) {
        return new Rooms(data, clock);
    }

    @BeforeEach
    void open() {
        rooms = rooms(clock);
        usage = new Usage(rooms.store);
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    private void add(Account account, String reason, long events, long bytes) {
        rooms.store.write(tx -> {
            rooms.ledger.add(tx, 1, account, reason, events, bytes);
            return null;
        });
    }

    @Test
    void theHoursOfADayAreAPointEachTheEmptyOnesToo() {
        add(Account.ACCEPTED, "", 3, 30);
        add(Account.REJECTED, "too-long", 1, 0);
        add(Account.REJECTED, "quota-exceeded", 2, 20);
        add(Account.DEAD_LETTERED, "", 1, 1);
        clock.advance(Duration.ofMinutes(150));
        add(Account.DELIVERED, "", 3, 30);

        List<Point> points = usage.points(1, NOON.plusSeconds(1), NOON.plus(Duration.ofHours(3)), Step.HOUR);

        assertThat(points)
                .containsExactly(
                        new Point(NOON, hour(1), new Volume(3, 30), NOTHING, new Volume(3, 20)),
                        new Point(hour(1), hour(2), NOTHING, NOTHING, NOTHING),
                        new Point(hour(2), hour(3), NOTHING, new Volume(3, 30), NOTHING));
    }

    private static Instant hour(int hours) {
        return NOON.plus(Duration.ofHours(hours));
    }

    @Test
    void aDayIsTheSumOfItsHoursAndBeginsAtMidnightUtc() {
        add(Account.ACCEPTED, "", 1, 10);
        clock.advance(Duration.ofHours(11));
        add(Account.ACCEPTED, "", 2, 20);
        clock.advance(Duration.ofHours(1));
        add(Account.ACCEPTED, "", 4, 40);

        List<Point> points = usage.points(1, NOON, NOON.plus(Duration.ofDays(1)), Step.DAY);

        assertThat(points).extracting(Point::accepted).containsExactly(new Volume(3, 30), new Volume(4, 40));
        assertThat(points.getFirst().from()).isEqualTo(Instant.parse("2026-11-22T00:00:00Z"));
    }

    @Test
    void aRangeThatEndsBeforeItBeginsHasNoPoints() {
        assertThat(usage.points(1, NOON, NOON.minusSeconds(7_200), Step.HOUR)).isEmpty();
        assertThat(Step.HOUR.points(NOON, NOON)).isZero();
        assertThat(Step.HOUR.points(NOON, NOON.plusSeconds(1))).isEqualTo(1);
    }

    @Test
    void onlyTheFirstDatabasesHaveALabelOfTheirOwn() {
        for (int i = 1; i <= 12; i++) {
            long id = rooms.register("db" + i, Rooms.QUOTA, Rooms.sandbox(i)).id();
            rooms.store.write(tx -> {
                rooms.ledger.add(tx, id, Account.ACCEPTED, "", 1, 1);
                return null;
            });
        }
        assertThat(events("db10")).isEqualTo(1);
        assertThat(events("other")).isEqualTo(2);
        assertThat(rooms.meters.find("telemetry.events").tag("database", "db11").counter())
                .isNull();
    }

    private double events(String database) {
        return rooms.meters
                .get("telemetry.events")
                .tags("database", database, "outcome", "accepted")
                .counter()
                .count();
    }
}
