package org.svos.telemetry.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.deadletter.DeadLetters;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.spool.Encoding;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Store;
import tools.jackson.databind.JsonNode;

/** A database of a test's own, registered, with a sandbox and tokens as it needs them. */
public final class Registered {

    private static final String DELIVERY = """
            {"telemetryId": "00000000-1111-2222-3333-444444444444", "records": [{"name": "m", "count": 1, "sum": 0,
             "segments": {"kind": "message", "seq": 1}, "time": "2026-11-22T09:31:00Z"}]}""";

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final RunningGateway gateway;
    private final String name;

    private Registered(RunningGateway gateway, String name) {
        this.gateway = gateway;
        this.name = name;
    }

    /** A new one, of medium size. */
    public static Registered in(RunningGateway gateway) {
        return in(gateway, "\"size\": \"medium\"");
    }

    /** A new one. */
    public static Registered in(RunningGateway gateway, String quotaOrSize) {
        String name = "db-" + COUNT.incrementAndGet() + "-"
                + UUID.randomUUID().toString().substring(0, 8);
        Answer answer = gateway.admin(
                "POST", "/api/v1/databases", "{\"name\": \"%s\", \"owner\": \"lab\", %s}".formatted(name, quotaOrSize));
        if (answer.status() != 201) {
            throw new IllegalStateException(answer.toString());
        }
        return new Registered(gateway, name);
    }

    /** The same, seen from another gateway of the same store. */
    public Registered at(RunningGateway other) {
        return new Registered(other, name);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Its path. */
    public String path() {
        return "/api/v1/databases/" + name;
    }

    /** The ID of a new sandbox of it. */
    public String sandbox() {
        return gateway.admin("POST", path() + "/sandboxes", "{}").text("id");
    }

    /** A new token of role owner or reader. */
    public String token(String role) {
        return make(
                "{\"role\": \"%s\", \"name\": \"%s of %s\", \"database\": \"%s\"}".formatted(role, role, name, name));
    }

    /** A new host's token for all of its sandboxes. */
    public String hostToken() {
        return make("{\"role\": \"host\", \"name\": \"host of %s\", \"databases\": [\"%s\"]}".formatted(name, name));
    }

    /** The ID of a new dead letter of it: an event that was accepted and that Lantern Rock refused. */
    public String deadLetter(String sandbox) {
        long id = Objects.requireNonNull(gateway.part(Registry.class).database(name))
                .id();
        byte[] body = {};
        SpooledBatch batch = new SpooledBatch(
                0,
                id,
                new SandboxId(sandbox),
                "k",
                Instant.ofEpochMilli(1000),
                1,
                100,
                PayloadLimits.CONTRACT,
                Encoding.IDENTITY,
                body);
        gateway.part(Store.class).write(tx -> {
            Ledger ledger = gateway.part(Ledger.class);
            ledger.add(tx, id, Account.RECEIVED, Ledger.NO_REASON, 1, 100);
            ledger.add(tx, id, Account.ACCEPTED, Ledger.NO_REASON, 1, 100);
            gateway.part(DeadLetters.class)
                    .add(
                            tx,
                            batch,
                            new DeadLetters.Refused(
                                    sandbox + "/k/1000", "message", "m", 1L, DELIVERY.getBytes(StandardCharsets.UTF_8)),
                            new DeadLetters.Refusal(422, "what of it"),
                            100);
            return null;
        });
        JsonNode letters =
                gateway.admin("GET", path() + "/dead-letters", null).json().get("items");
        return letters.get(letters.size() - 1).get("id").asString();
    }

    private String make(String body) {
        return gateway.admin("POST", "/api/v1/tokens", body).text("secret");
    }

    /** Posts a batch of so many messages. */
    public Answer post(String token, String sandbox, String key, int events) {
        StringBuilder body = new StringBuilder("{\"events\": [");
        for (int i = 1; i <= events; i++) {
            body.append(i == 1 ? "" : ", ")
                    .append("{\"seq\": %d, \"kind\": \"message\", \"name\": \"m\", \"payload\": \"{}\",".formatted(i))
                    .append(" \"time\": \"2026-11-22T09:31:00Z\"}");
        }
        return gateway.call(
                token,
                "POST",
                "/api/v1/sandboxes/" + sandbox + "/batches",
                body.append("]}").toString(),
                "Idempotency-Key",
                "\"" + key + "\"");
    }
}
