package org.svos.telemetry.gateway.diagnosis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.diagnosis.Diagnosis.Finding;
import org.svos.telemetry.gateway.forward.LaneStatus;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Waiting;

/** Makes findings of what is known. It looks at nothing itself, so the same signs give the same findings. */
final class Examination {

    /** From this part of the day's quota on its end is told of; the gauges warn at the same. */
    private static final int NEAR_PERCENT = 80;

    /** A lane that is open has less than that before it, or is slower than what comes. */
    private static final Duration LONG = Duration.ofMinutes(1);

    /** A database whose hosts were not heard of for so long. */
    private static final Duration QUIET = Duration.ofHours(24);

    private final Database database;
    private final Standing standing;
    private final LaneStatus lane;
    private final Waiting waiting;
    private final Signs signs;
    private final Instant now;
    private final List<Finding> findings = new ArrayList<>();

    Examination(Database database, Standing standing, LaneStatus lane, Waiting waiting, Signs signs, Instant now) {
        this.database = database;
        this.standing = standing;
        this.lane = lane;
        this.waiting = waiting;
        this.signs = signs;
        this.now = now;
    }

    Diagnosis diagnosis() {
        lookAtIntake();
        lookAtQuota();
        lookAtLane();
        lookAtHosts();
        Quota quota = standing.quota();
        return new Diagnosis(
                database.name(),
                now,
                List.copyOf(findings),
                database.state(),
                new Diagnosis.Quota(
                        new Diagnosis.Quota.Part(quota.bytesPerDay(), standing.dayLeft(), standing.dayResetSeconds()),
                        new Diagnosis.Quota.Part(quota.burst(), standing.rateLeft(), standing.rateResetSeconds()),
                        quota.mode()),
                new Diagnosis.Lane(
                        lane.state().name().toLowerCase(Locale.ROOT),
                        lane.since(),
                        lane.attempts(),
                        lane.status(),
                        lane.why(),
                        lane.nextAttemptAt()),
                new Diagnosis.Backlog(waiting.events(), waiting.bytes(), signs.oldest()),
                signs.deadLetters(),
                signs.rejected(),
                signs.hosts());
    }

    private void find(String code, String detail, @Nullable Instant since, @Nullable Instant until) {
        findings.add(new Finding(code, detail, since, until));
    }

    private void lookAtIntake() {
        if (database.state() == Database.State.SUSPENDED) {
            find(
                    "database-suspended",
                    "The database is suspended: every batch is refused with 403. What had been accepted is delivered."
                            + " An administrator takes it up again with PATCH {\"state\": \"active\"}.",
                    null,
                    null);
        }
        if (signs.sandboxes() == 0) {
            find(
                    "no-sandbox",
                    "No sandbox is registered to the database, so nothing can come. Register one with POST /api/v1/databases/"
                            + database.name() + "/sandboxes.",
                    null,
                    null);
        } else if (signs.suspended() > 0) {
            find(
                    "sandboxes-suspended",
                    signs.suspended() + " of " + signs.sandboxes()
                            + " sandboxes are suspended: their batches are refused with 403.",
                    null,
                    null);
        }
    }

    private void lookAtQuota() {
        Quota quota = standing.quota();
        boolean enforced = quota.mode() == Quota.Mode.ENFORCE;
        String comes = enforced ? "batches are refused with 429" : "they would be refused if the quota were enforced";
        if (standing.dayLeft() == 0) {
            find(
                    "day-used-up",
                    "The day's " + quota.bytesPerDay() + " bytes are used up: " + comes + " until midnight UTC.",
                    null,
                    now.plusSeconds(standing.dayResetSeconds()));
        } else if (standing.dayLeft() <= quota.bytesPerDay() / 100 * (100 - NEAR_PERCENT)) {
            find(
                    "day-nearly-used-up",
                    standing.dayLeft() + " of the day's " + quota.bytesPerDay()
                            + " bytes are left; when they are used up, " + comes
                            + " until midnight UTC, and larger batches before that.",
                    null,
                    now.plusSeconds(standing.dayResetSeconds()));
        }
        if (standing.rateLeft() == 0) {
            find(
                    "rate-used-up",
                    "More than " + quota.eventsPerSecond() + " events a second come, and the burst of " + quota.burst()
                            + " is used up: " + comes + ". Hosts keep them and send them again.",
                    null,
                    now.plusSeconds(standing.rateResetSeconds()));
        }
    }

    private void lookAtLane() {
        switch (lane.state()) {
            case OPEN -> {
                if (signs.oldest() != null && signs.oldest().plus(LONG).isBefore(now)) {
                    find(
                            "backlog",
                            waiting.events() + " events wait, the oldest since " + signs.oldest()
                                    + ": they are delivered more slowly than they came.",
                            signs.oldest(),
                            null);
                }
            }
            case RETRYING ->
                find(
                        "lane-retrying",
                        "Lantern Rock takes nothing now (" + lane.why() + "). " + waiting.events()
                                + " events wait and are safe; " + lane.attempts() + " attempts failed, the next is at "
                                + lane.nextAttemptAt() + ".",
                        lane.since(),
                        null);
            case PARKED ->
                find(
                        "lane-parked",
                        "Lantern Rock answers " + lane.status() + ": " + lane.why() + ". " + waiting.events()
                                + " events wait and are safe. Somebody has to mend its address, its token, or the database"
                                + " there; the next attempt is at " + lane.nextAttemptAt() + ".",
                        lane.since(),
                        null);
        }
        if (signs.deadLetters() > 0) {
            find(
                    "dead-letters",
                    signs.deadLetters()
                            + " events were refused by Lantern Rock for good. See why, and replay or discard them, at"
                            + " /api/v1/databases/" + database.name() + "/dead-letters.",
                    null,
                    null);
        }
    }

    private void lookAtHosts() {
        long losing = signs.hosts().stream().filter(Diagnosis.Host::loses).count();
        if (losing > 0) {
            find(
                    "hosts-lose",
                    losing + " hosts lost events before they could send them. Their own status says which and why.",
                    null,
                    null);
        }
        long missing = signs.hosts().stream().mapToLong(Diagnosis.Host::missing).sum();
        if (missing > 0) {
            find("events-missing", missing + " events were captured and numbered, and have not come.", null, null);
        }
        Instant last = signs.hosts().stream()
                .map(Diagnosis.Host::lastBatchAt)
                .max(Instant::compareTo)
                .orElse(null);
        if (last != null && last.plus(QUIET).isBefore(now)) {
            find("quiet", "No host that posted for the database was heard of since " + last + ".", last, null);
        }
    }
}
