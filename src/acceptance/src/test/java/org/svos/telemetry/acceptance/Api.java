package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** The API as its users see it: of one gateway, or of several behind one address. */
interface Api extends AutoCloseable {

    String url();

    @Override
    void close();

    /**
     * Whether a 503 says for sure that nothing was kept. It does not where the store is on a server: that may have committed, and the
     * word of it been lost.
     */
    boolean isCertain();

    /** A call of the admin's. */
    default Http.Answer admin(String method, String path, String body) {
        return admin(method, path, Map.of(), body);
    }

    default Http.Answer admin(String method, String path, Map<String, String> headers, String body) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Authorization", "Bearer " + Gateway.ADMIN_TOKEN);
        if (!body.isEmpty()) {
            all.put("Content-Type", "application/json");
        }
        return Http.send(method, url() + path, all, body);
    }

    /** Registers a database of the medium size and one sandbox, and makes a token that may post for it. */
    default Registered register(String database) {
        return register(database, "\"size\": \"medium\"");
    }

    /** The same with the quota or size given as members of the call's body. */
    default Registered register(String database, String quota) {
        return register(database, quota, UUID.randomUUID().toString());
    }

    default Registered register(String database, String quota, String sandbox) {
        created(
                "POST",
                "/api/v1/databases",
                "{\"name\": \"" + database + "\", \"owner\": \"acceptance\", \"description\": \"\", " + quota + "}");
        registerSandbox(database, sandbox);
        JsonNode token = created(
                "POST",
                "/api/v1/tokens",
                "{\"role\": \"host\", \"name\": \"" + database + "\", \"databases\": [\"" + database + "\"]}");
        return new Registered(this, database, sandbox, token.path("secret").asString());
    }

    default void registerSandbox(String database, String sandbox) {
        created("POST", "/api/v1/databases/" + database + "/sandboxes", "{\"id\": \"" + sandbox + "\"}");
    }

    private JsonNode created(String method, String path, String body) {
        Http.Answer answer = admin(method, path, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json();
    }

    /** A database's ledger, in events. */
    default JsonNode ledger(String database) {
        Http.Answer answer = admin("GET", "/api/v1/databases/" + database + "/ledger", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }
}
