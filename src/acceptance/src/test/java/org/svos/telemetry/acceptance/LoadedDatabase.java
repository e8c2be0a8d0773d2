package org.svos.telemetry.acceptance;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A registered database under load, with its streams, and what must be true of it once all that was accepted is delivered. */
final class LoadedDatabase {

    private static final Pattern DAY_LEFT = Pattern.compile("\"day\";r=(\\d+)");
    private static final long MILLIS = 1_000;

    private final Api gateway;
    private final String name;
    private final Limits limits;
    private final String secret;
    private final List<SandboxStream> streams = new ArrayList<>();
    private final long registeredAt = System.currentTimeMillis();

    /**
     * A quota.
     *
     * @param tight whether the load goes beyond it
     */
    record Limits(long bytesPerDay, long eventsPerSecond, long burst, boolean shadow, boolean tight) {

        static final Limits ROOMY = new Limits(1L << 40, 1_000_000, 10_000_000, false, false);

        private String json() {
            return "\"quota\": {\"bytesPerDay\": %d, \"eventsPerSecond\": %d, \"burst\": %d, \"mode\": \"%s\"}"
                    .formatted(bytesPerDay, eventsPerSecond, burst, shadow ? "shadow" : "enforce");
        }
    }

    /** Registers it, with that many sandboxes. */
    LoadedDatabase(Api gateway, String name, Limits limits, int sandboxes, long seed, Faults faults) {
        this.gateway = gateway;
        this.name = name;
        this.limits = limits;
        String first = UUID.randomUUID().toString();
        this.secret = gateway.register(name, limits.json(), first).secret();
        addStream(first, seed, faults);
        for (int i = 1; i < sandboxes; i++) {
            String id = UUID.randomUUID().toString();
            gateway.registerSandbox(name, id);
            addStream(id, seed, faults);
        }
    }

    private void addStream(String sandbox, long seed, Faults faults) {
        int number = streams.size();
        streams.add(new SandboxStream(name, sandbox, name + "-" + number, seed + number, faults));
    }

    String name() {
        return name;
    }

    String secret() {
        return secret;
    }

    List<SandboxStream> streams() {
        return streams;
    }

    String url(SandboxStream stream) {
        return gateway.url() + "/api/v1/sandboxes/" + stream.sandbox() + "/batches";
    }

    /** Whether a 503 says for sure that nothing was kept. */
    boolean isCertain() {
        return gateway.isCertain();
    }

    boolean mayRefuse() {
        return limits.tight() && !limits.shadow();
    }

    /** Holds the gateway's ledger and quota against what was sent and what has arrived. */
    void check(Tally tally, Faults faults) {
        streams.forEach(SandboxStream::settle);
        checkLedger(gateway.ledger(name), tally, faults);
        checkRate(faults);
        checkDay(faults);
    }

    private void checkLedger(JsonNode ledger, Tally tally, Faults faults) {
        long arrived =
                streams.stream().mapToLong(stream -> stream.admitted().events()).sum();
        long gaps = streams.stream().mapToLong(SandboxStream::gaps).sum();
        Map<String, Long> expected = Map.of(
                "accepted",
                arrived,
                "delivered",
                arrived,
                "sequenceGaps",
                gaps,
                "waiting",
                0L,
                "deadLettered",
                0L,
                "discarded",
                0L,
                "expired",
                0L,
                "imbalance",
                0L);
        expected.forEach((account, events) -> {
            if (ledger.path(account).asLong(-1) != events) {
                faults.found(
                        "the ledger of database " + name + " should have " + account + " " + events + ": " + ledger);
            }
        });
        atLeastAnswered("duplicate", ledger.path("duplicate"), ledger, tally, faults);
        for (String code : List.of("quota-exceeded", "key-reused")) {
            atLeastAnswered(code, ledger.path("rejected").path(code), ledger, tally, faults);
        }
        long lost = ledger.path("hostLost").path("ringFull").asLong(-1);
        long told = streams.stream().mapToLong(SandboxStream::told).sum();
        long sent = streams.stream().mapToLong(SandboxStream::sent).sum();
        if (lost < told || lost > sent) {
            faults.found("the hosts of database " + name + " told of at least " + told + " lost events and at most "
                    + sent + ": " + ledger);
        }
    }

    /** More may be counted than was heard of: answers break off. */
    private void atLeastAnswered(String what, JsonNode counted, JsonNode ledger, Tally tally, Faults faults) {
        long answered = tally.of("answered/" + name + "/" + what);
        if (counted.asLong(0) < answered) {
            faults.found("the ledger of database " + name + " should have at least " + answered + " " + what + ": "
                    + ledger);
        }
    }

    /** A start must not fill the bucket: since the registration it can have given its burst, and what has flowed in. */
    private void checkRate(Faults faults) {
        long events =
                streams.stream().mapToLong(stream -> stream.admitted().events()).sum();
        long most =
                limits.burst() + limits.eventsPerSecond() * ((System.currentTimeMillis() - registeredAt) / MILLIS + 1);
        if (!limits.shadow() && events > most) {
            faults.found("database " + name + " has got " + events + " events, its rate allows " + most);
        }
    }

    /** What is left of the day, by the gateway, is the quota without what has arrived: nothing else was charged, and all of that. */
    private void checkDay(Faults faults) {
        LocalDate day = LocalDate.now(ZoneOffset.UTC);
        long bytes = streams.stream()
                .mapToLong(stream -> stream.admitted().bytes(day))
                .sum();
        long perhaps = streams.stream()
                .mapToLong(stream -> stream.admitted().perhaps(day))
                .sum();
        if (limits.shadow()) {
            return;
        }
        if (bytes > limits.bytesPerDay()) {
            faults.found("database " + name + " has got " + bytes + " bytes, its day allows " + limits.bytesPerDay());
        }
        long left = gateway.isCertain() ? dayLeft() : limits.bytesPerDay() - dayUsed();
        if (!LocalDate.now(ZoneOffset.UTC).equals(day)) {
            return;
        }
        long most = limits.bytesPerDay() - bytes;
        if (left > most || left < most - perhaps) {
            faults.found("database " + name + " should have " + most + " bytes left of its day, and has " + left);
        }
    }

    /** As told by the answer to a request that changes nothing: a body that is no batch. */
    private long dayLeft() {
        SandboxStream stream = streams.getFirst();
        Http.Answer answer = Http.post(url(stream), Registered.headers(secret, "nothing"), "[]");
        Matcher left = DAY_LEFT.matcher(answer.headers().getOrDefault("RateLimit", ""));
        return left.find() ? Long.parseLong(left.group(1)) : -1;
    }

    /** As the usage tells, which is the same from every gateway: what one knows of the quota is as old as its last decision. */
    private long dayUsed() {
        String path = "/api/v1/databases/" + name + "/usage?step=day";
        JsonNode points = gateway.admin("GET", path, "").json().path("points");
        return points.path(points.size() - 1).path("accepted").path("bytes").asLong(-1);
    }

    /** Takes it from the gateway's registry. */
    void remove(Faults faults) {
        Http.Answer answer = gateway.admin("DELETE", "/api/v1/databases/" + name, "");
        if (answer.status() != 204) {
            faults.found("database " + name + " cannot be removed: " + answer.status() + " " + answer.body());
        }
    }
}
