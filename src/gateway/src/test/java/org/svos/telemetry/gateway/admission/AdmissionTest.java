package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.quota.Policy;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;

/** What becomes of a batch, on a real store. */
class AdmissionTest {

    private static final SandboxId SANDBOX = Rooms.sandbox(1);
    private static final Quota QUOTA = new Quota(1_000, 10, 100, Quota.Mode.ENFORCE);

    @TempDir
    Path data;

    private final SetClock clock = new SetClock(Instant.parse("2026-11-22T10:00:00Z"));
    private Rooms rooms;
    private Database database;

    /** Those of a store that is there already, or is not yet. */
    Rooms rooms(InstantSource clock) {
        return new Rooms(data, clock);
    }

    @BeforeEach
    void open() {
        rooms = rooms(clock);
        database = rooms.register("lab", QUOTA, SANDBOX);
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    private void reopen() {
        rooms.close();
        rooms = rooms(clock);
    }

    private Outcome admit(String key, String body, int events) {
        return rooms.admission.admit(Rooms.batch(database, SANDBOX, key, body, events));
    }

    @Test
    void anAcceptedBatchIsInTheSpoolAsItCameAndInTheLedger() {
        Outcome.Accepted accepted = (Outcome.Accepted) admit("k1", "body", 3);

        assertThat(accepted.accepted()).isEqualTo(3);
        assertThat(accepted.standing().dayLeft()).isEqualTo(996);
        assertThat(accepted.standing().rateLeft()).isEqualTo(97);
        SpooledBatch spooled = rooms.spool.next(database.id(), 0, 10, 1_000).getFirst();
        assertThat(spooled.body()).asString().isEqualTo("body");
        assertThat(spooled.sandbox()).isEqualTo(SANDBOX);
        assertThat(spooled.key()).isEqualTo("k1");
        assertThat(spooled.events()).isEqualTo(3);
        assertThat(spooled.admittedAt()).isEqualTo(clock.instant());
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(3);
        assertThat(rooms.ledger.of(database.id()).waiting()).isEqualTo(3);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    @Test
    void theSameBatchAgainGetsTheFirstAnswerAndCostsNothingAlsoAfterARestart() {
        List<Rejection> rejected = List.of(
                new Rejection(0, Rejection.Code.TOO_LONG, "a \\ and\na line"),
                new Rejection(2, Rejection.Code.UNKNOWN_KIND, "no kind \"x\""));
        Batch batch = Rooms.batch(database, SANDBOX, "k1", "body", Rooms.summary(null, null, 1, 2, rejected));
        Outcome.Accepted first = (Outcome.Accepted) rooms.admission.admit(batch);
        assertThat(rooms.admission.admit(batch)).isEqualTo(new Outcome.Replayed(2, rejected, first.standing()));
        reopen();
        assertThat(rooms.admission.admit(batch)).isEqualTo(new Outcome.Replayed(2, rejected, first.standing()));

        assertThat(rooms.spool.next(database.id(), 0, 10, 1_000)).hasSize(1);
        var totals = rooms.ledger.of(database.id());
        assertThat(totals.received()).isEqualTo(12);
        assertThat(totals.duplicate()).isEqualTo(8);
        assertThat(totals.accepted()).isEqualTo(2);
        assertThat(totals.rejected()).isEqualTo(Map.of("too-long", 1L, "unknown-kind", 1L));
        assertThat(totals.imbalance()).isZero();
    }

    @Test
    void aKeyWithAnotherBodyIsRefused() {
        admit("k1", "body", 1);

        assertThat(admit("k1", "ydob", 1)).isInstanceOf(Outcome.KeyReused.class);
        assertThat(rooms.ledger.of(database.id()).rejected()).isEqualTo(Map.of("key-reused", 1L));
    }

    @Test
    void aKeyIsRememberedForSevenDaysAndThenFree() {
        admit("k1", "body", 1);
        clock.advance(Duration.ofDays(7).minusMillis(1));
        assertThat(admit("k1", "body", 1)).isInstanceOf(Outcome.Replayed.class);
        clock.advance(Duration.ofMillis(1));
        assertThat(admit("k1", "other", 1)).isInstanceOf(Outcome.Accepted.class);
        clock.advance(Duration.ofDays(6));
        assertThat(admit("k1", "other", 1)).isInstanceOf(Outcome.Replayed.class);
    }

    @Test
    void expiredKeysAreForgottenInSteps() {
        for (int i = 0; i < 5; i++) {
            admit("k" + i, "body", 1);
        }
        clock.advance(Duration.ofDays(7));
        admit("young", "body", 1);

        assertThat(rooms.admission.forgetExpiredKeys(3)).isTrue();
        assertThat(rooms.admission.forgetExpiredKeys(3)).isFalse();
        assertThat(count("admitted_key")).isEqualTo(1);
    }

    @Test
    void aSandboxIsKnownByItsKeysInItsDatabaseOnly() {
        Database other = rooms.register("other", QUOTA, Rooms.sandbox(2));
        admit("k1", "body", 1);

        Outcome outcome = rooms.admission.admit(Rooms.batch(other, Rooms.sandbox(2), "k1", "else", 1));

        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void aBatchOverTheDayConsumesNothingAndIsToldTheWaitUntilMidnight() {
        admit("k1", "x".repeat(900), 1);

        Outcome.OverQuota over = (Outcome.OverQuota) admit("k2", "x".repeat(101), 1);

        assertThat(over.violated()).isEqualTo(Set.of(Policy.DAY));
        assertThat(over.limit()).isEqualTo(1_000);
        assertThat(over.used()).isEqualTo(900);
        assertThat(over.resetSeconds()).isEqualTo(14 * 3_600);
        assertThat(admit("k3", "x".repeat(100), 1)).isInstanceOf(Outcome.Accepted.class);
        assertThat(rooms.ledger.of(database.id()).rejected()).isEqualTo(Map.of("quota-exceeded", 1L));
    }

    @Test
    void aBatchOverTheRateFitsAfterExactlyTheToldWait() {
        admit("k1", "b", 95);
        Outcome.OverQuota over = (Outcome.OverQuota) admit("k2", "b", 16);

        assertThat(over.violated()).isEqualTo(Set.of(Policy.RATE));
        assertThat(over.worst()).isEqualTo(Policy.RATE);
        assertThat(over.used()).isEqualTo(95);
        assertThat(over.resetSeconds()).isEqualTo(2); // 11 events at 10 a second
        clock.advance(Duration.ofMillis(1_099));
        assertThat(admit("k2", "b", 16)).isInstanceOf(Outcome.OverQuota.class);
        clock.advance(Duration.ofMillis(1));
        assertThat(admit("k2", "b", 16)).isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void whatNoEmptyQuotaCouldHoldIsSaidToExceedIt() {
        Outcome.ExceedsQuota day = (Outcome.ExceedsQuota) admit("k1", "x".repeat(1_001), 1);
        Outcome.ExceedsQuota rate = (Outcome.ExceedsQuota) admit("k2", "x", 101);

        assertThat(List.of(day.policy(), day.limit(), day.actual())).containsExactly(Policy.DAY, 1_000L, 1_001L);
        assertThat(List.of(rate.policy(), rate.limit(), rate.actual())).containsExactly(Policy.RATE, 100L, 101L);
        assertThat(rooms.ledger.of(database.id()).rejected()).isEqualTo(Map.of("batch-exceeds-quota", 102L));
    }

    @Test
    void aShadowQuotaRefusesNothingAndCountsWhatItWould() {
        Database shadow = Rooms.database(database.id(), "lab", new Quota(10, 1, 5, Quota.Mode.SHADOW));
        admitTo(shadow, "k1", "12345678", 2);
        admitTo(shadow, "k2", "123", 2);
        admitTo(shadow, "k3", "12", 20);

        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(24);
        assertThat(decisions("day", "would-refuse")).isEqualTo(1);
        assertThat(decisions("rate", "would-refuse")).isEqualTo(1);
        assertThat(decisions("day", "refused")).isZero();
    }

    private void admitTo(Database shadow, String key, String body, int events) {
        assertThat(rooms.admission.admit(Rooms.batch(shadow, SANDBOX, key, body, events)))
                .isInstanceOf(Outcome.Accepted.class);
    }

    private double decisions(String policy, String decision) {
        return rooms.meters
                .get("telemetry.quota.decisions")
                .tags("policy", policy, "decision", decision)
                .counter()
                .count();
    }

    @Test
    void aSandboxThatIsGoneIsSaidToBeGone() {
        rooms.remove(SANDBOX);

        assertThat(admit("k1", "body", 1)).isEqualTo(new Outcome.SandboxGone());
        assertThat(rooms.ledger.of(database.id()).received()).isZero();
    }

    @Test
    void aGapInTheSequenceIsCountedOnceAndTakenBackWhenItIsFilled() {
        Host host = new Host("h1", "lab-17", "b1", "6.1", "1.0.0");
        admitFrom(host, "k1", null, 1, 3);
        admitFrom(host, "k2", null, 8, 3);
        assertThat(rooms.ledger.of(database.id()).sequenceGaps()).isEqualTo(4);
        admitFrom(host, "k3", null, 5, 3);
        assertThat(rooms.ledger.of(database.id()).sequenceGaps()).isEqualTo(1);
        admitFrom(new Host("h1", "lab-17", "b2", "6.1", "1.0.0"), "k4", null, 100, 1);

        assertThat(rooms.ledger.of(database.id()).sequenceGaps()).isEqualTo(1);
        assertThat(rooms.meters.get("telemetry.sequence.gap.events").counter().count())
                .isEqualTo(4);
    }

    @Test
    void theHighestLossOfAHostsBootCountsAlsoFromARefusedBatch() {
        Host host = new Host("h1", "lab-17", "b1", "6.1", "1.0.0");
        admitFrom(host, "k1", new HostLoss(5, 0, 0, 1, 0), 1, 1);
        admitFrom(host, "k2", new HostLoss(3, 0, 0, 1, 0), 2, 1);
        reopen();
        Outcome refused = admitFrom(host, "k3", new HostLoss(7, 2, 0, 1, 0), 3, 101);
        assertThat(refused).isInstanceOf(Outcome.ExceedsQuota.class);
        admitFrom(new Host("h1", "lab-17", "b2", "6.1", "1.0.0"), "k4", new HostLoss(1, 0, 0, 0, 0), 1, 1);

        assertThat(rooms.ledger.all().hostLost()).isEqualTo(Map.of("ringFull", 8L, "probeFault", 2L, "throttled", 1L));
        assertThat(rooms.meters
                        .get("telemetry.host.lost.events")
                        .tag("reason", "ringFull")
                        .counter()
                        .count())
                .isEqualTo(3); // since the restart
        assertThat(count("host")).isEqualTo(1);
    }

    @Test
    void whatAHostMakesUpLeavesTheLedgerReadable() {
        for (String boot : List.of("b1", "b2", "b3")) {
            Host host = new Host("h1", "lab-17", boot, "6.1", "1.0.0");
            admitFrom(host, boot + "first", new HostLoss(Long.MAX_VALUE, 0, 0, 0, 0), 1, 1);
            admitFrom(host, boot + "last", null, Long.MAX_VALUE, 1);
        }

        assertThat(rooms.ledger.all().hostLost()).isEqualTo(Map.of("ringFull", 3 * Hosts.MAX_EVENTS));
        assertThat(rooms.ledger.all().sequenceGaps()).isEqualTo(3 * Hosts.MAX_EVENTS);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    private Outcome admitFrom(Host host, String key, @Nullable HostLoss lost, long firstSeq, int events) {
        return rooms.admission.admit(
                Rooms.batch(database, SANDBOX, key, key, Rooms.summary(host, lost, firstSeq, events, List.of())));
    }

    @Test
    void afterDrainingNothingIsTaken() {
        rooms.admission.drain();

        assertThat(admit("k1", "body", 1)).isEqualTo(new Outcome.Unavailable(Outcome.Unavailable.Cause.DRAINING));
    }

    @Test
    void aStoreThatIsGoneIsAnsweredAsUnavailable() {
        rooms.store.close();

        assertThat(admit("k1", "body", 1)).isEqualTo(new Outcome.Unavailable(Outcome.Unavailable.Cause.STORE));
    }

    private long count(String table) {
        return rooms.store.read(tx -> {
            try (var row = tx.statement("select count(*) from " + table).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }
}
