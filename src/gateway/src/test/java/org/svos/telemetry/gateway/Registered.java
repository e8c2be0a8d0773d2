package org.svos.telemetry.gateway;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.svos.telemetry.gateway.RunningGateway.Answer;

/** A database of a test's own, registered, with a sandbox and tokens as it needs them. */
public final class Registered {

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
