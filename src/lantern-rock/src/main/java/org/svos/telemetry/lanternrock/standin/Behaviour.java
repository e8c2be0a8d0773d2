package org.svos.telemetry.lanternrock.standin;

import com.sun.net.httpserver.HttpExchange;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the stand-in treats deliveries.
 *
 * @param delay before the answer; of mode slow
 * @param status to answer with; of mode status. A delivery that is answered with 2xx is kept
 * @param retryAfter sent as the header of that name with the status; null for none
 * @param name of the records that modes poison and partial refuse
 * @param database that alone is treated so, the others as by mode ok; null for all
 */
record Behaviour(
        Mode mode,
        Duration delay,
        int status,
        @Nullable String retryAfter,
        @Nullable String name,
        @Nullable String database) {

    static final Behaviour OK = new Behaviour(Mode.OK, Duration.ZERO, 503, null, null, null);

    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> MEMBERS = Set.of("mode", "delayMs", "status", "retryAfter", "name", "database");
    private static final int MAX_DELAY_MS = 3_600_000;

    /** What the contract's {@code PUT /behaviour} can ask for. */
    enum Mode {
        /** Keep and answer. */
        OK,
        /** Keep, and answer late. */
        SLOW,
        /** Answer with a status. */
        STATUS,
        /** Keep, and close the connection without an answer. */
        DROP,
        /** Refuse deliveries that have a record of one name. */
        POISON,
        /** Keep all records but those of one name, where the protocol can say so; where it cannot, as POISON. */
        PARTIAL;

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Answers with a status that is no 2xx, if it is told to. */
    void refuseIfTold(HttpExchange exchange) throws HttpFault, InterruptedException {
        if (mode != Mode.STATUS || status / 100 == 2) {
            return;
        }
        if (retryAfter != null) {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
        }
        Thread.sleep(delay);
        throw new HttpFault(status, "told to answer so by /behaviour");
    }

    Behaviour towards(String askedDatabase) {
        return database == null || database.equals(askedDatabase) ? this : OK;
    }

    /**
     * Reads the body of a PUT.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    static Behaviour parse(byte[] body) {
        JsonNode given;
        try {
            given = JSON.readTree(body);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
        if (!given.isObject()) {
            throw new IllegalArgumentException("a behaviour is a JSON object with a \"mode\"");
        }
        for (String member : given.propertyNames()) {
            if (!MEMBERS.contains(member)) {
                throw new IllegalArgumentException(
                        "unknown member \"" + member + "\"; known are " + new TreeSet<>(MEMBERS));
            }
        }
        Mode mode = mode(given.path("mode"));
        int delay = number(given, "delayMs", mode == Mode.SLOW ? 1_000 : 0, 0, MAX_DELAY_MS);
        int status = number(given, "status", OK.status, 200, 599);
        String name = text(given, "name");
        if ((mode == Mode.POISON || mode == Mode.PARTIAL) && name == null) {
            throw new IllegalArgumentException(
                    "mode " + mode.wireName() + " needs the \"name\" of the records to refuse");
        }
        return new Behaviour(
                mode, Duration.ofMillis(delay), status, text(given, "retryAfter"), name, text(given, "database"));
    }

    private static Mode mode(JsonNode given) {
        for (Mode mode : Mode.values()) {
            if (given.isString() && mode.wireName().equals(given.stringValue())) {
                return mode;
            }
        }
        throw new IllegalArgumentException("\"mode\" must be one of "
                + Arrays.stream(Mode.values()).map(Mode::wireName).collect(Collectors.joining(", ")));
    }

    private static int number(JsonNode given, String member, int unlessGiven, int min, int max) {
        JsonNode value = given.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return unlessGiven;
        }
        if (!value.isInt() || value.intValue() < min || value.intValue() > max) {
            throw new IllegalArgumentException("\"" + member + "\" must be a whole number from " + min + " to " + max);
        }
        return value.intValue();
    }

    private static @Nullable String text(JsonNode given, String member) {
        JsonNode value = given.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isString() && !value.isNumber()) {
            throw new IllegalArgumentException("\"" + member + "\" must be a text");
        }
        return value.asString();
    }

    String toJson() {
        var json = JSON.createObjectNode();
        json.put("mode", mode.wireName());
        json.put("delayMs", delay.toMillis());
        json.put("status", status);
        json.put("retryAfter", retryAfter);
        json.put("name", name);
        json.put("database", database);
        return JSON.writeValueAsString(json);
    }
}
