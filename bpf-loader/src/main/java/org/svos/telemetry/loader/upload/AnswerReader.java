package org.svos.telemetry.loader.upload;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Sorts the gateway's answers by status, as the contract's table has them. What makes no sense is tried again. */
final class AnswerReader {

    private static final int MOST_TEXT = 2000;

    private final JsonFactory json = JsonFactory.builder().build();
    private final Clock clock;
    private final URI gateway;

    /** One of the answers that come from that address. */
    AnswerReader(Clock clock, URI gateway) {
        this.clock = clock;
        this.gateway = gateway;
    }

    /**
     * What an answer means.
     *
     * @param retryAfter the header of that name, null without one
     * @param events of the batch that it is the answer to
     */
    Answer read(int status, @Nullable String retryAfter, byte[] body, int events) {
        return switch (status) {
            case 200, 202 -> taken(status, body, events);
            case 401 -> new Answer.Unauthenticated(why(status, body));
            case 400, 413, 422 -> refused(status, body);
            case 408, 409, 425, 429 -> new Answer.Later(why(status, body), told(retryAfter));
            default ->
                status >= 500
                        ? new Answer.Later(why(status, body), told(retryAfter))
                        : new Answer.Parked(why(status, body));
        };
    }

    private Answer taken(int status, byte[] body, int events) {
        long accepted = -1;
        Map<String, Long> rejected = new HashMap<>();
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("accepted") && value == JsonToken.VALUE_NUMBER_INT) {
                    accepted = parser.getLongValue();
                } else if (name.equals("rejected") && value == JsonToken.START_ARRAY) {
                    rejected(parser, rejected);
                } else {
                    parser.skipChildren();
                }
            }
        } catch (JacksonException e) {
            accepted = -1;
        }
        long named = rejected.values().stream().mapToLong(Long::longValue).sum();
        if (accepted < 0 || accepted + named != events) {
            return new Answer.Later(
                    "the answer " + status + " of " + gateway + " does not account for the batch's " + events
                            + " events: is there a gateway (setting gateway.url)? It is: " + text(body),
                    null);
        }
        return new Answer.Taken(accepted, rejected, status == 200);
    }

    private static void rejected(JsonParser parser, Map<String, Long> rejected) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            String code = "unnamed";
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("code") && value == JsonToken.VALUE_STRING) {
                    code = parser.getString();
                } else {
                    parser.skipChildren();
                }
            }
            rejected.merge(code, 1L, Long::sum);
        }
    }

    private Answer refused(int status, byte[] body) {
        String code = problem(body).get("code");
        return new Answer.Refused(code == null ? "status-" + status : code, status + " " + text(body));
    }

    private String why(int status, byte[] body) {
        Map<String, String> problem = problem(body);
        String code = problem.get("code");
        String detail = problem.get("detail");
        return status + (code == null ? "" : " " + code) + (detail == null ? "" : ": " + detail);
    }

    /** The strings of an RFC 9457 problem; none if it is something else. */
    private Map<String, String> problem(byte[] body) {
        Map<String, String> strings = new HashMap<>();
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    strings.put(name, text(parser.getString()));
                } else {
                    parser.skipChildren();
                }
            }
        } catch (JacksonException e) {
            return strings;
        }
        return strings;
    }

    private static String text(byte[] body) {
        return text(new String(body, 0, Math.min(body.length, MOST_TEXT), StandardCharsets.UTF_8));
    }

    private static String text(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.substring(0, Math.min(line.length(), MOST_TEXT));
    }

    /** Retry-After: seconds, or a date. */
    private @Nullable Duration told(@Nullable String retryAfter) {
        if (retryAfter == null) {
            return null;
        }
        String text = retryAfter.strip();
        if (text.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            ZonedDateTime until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = Duration.between(clock.instant(), until);
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
