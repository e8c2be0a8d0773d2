package org.svos.telemetry.gateway.rest;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.ProblemException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON object that is read field by field. Faults are collected, so that {@link #check} tells all of them at once, each
 * with its pointer (RFC 6901); until then a field at fault reads as null or empty. A key that nobody asked for is a fault.
 */
public final class Form {

    /** One fault, as the contract's {@code errors} tell it. */
    public record Fault(String pointer, String detail) {}

    /** A body can hold more faults than anybody reads: the first ones are told. */
    private static final int MAX_FAULTS = 64;

    private final ObjectNode object;
    private final String pointer;
    private final List<Fault> faults;
    private final Set<String> asked = new LinkedHashSet<>();
    private final List<Form> nested = new ArrayList<>();

    private Form(ObjectNode object, String pointer, List<Fault> faults) {
        this.object = object;
        this.pointer = pointer;
        this.faults = faults;
    }

    /** A form over a whole body. */
    public static Form of(ObjectNode body) {
        return new Form(body, "", new ArrayList<>());
    }

    /** A form over a query's parameters: all of them texts. */
    public static Form of(Map<String, String> parameters) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        parameters.forEach(object::put);
        return of(object);
    }

    /** Whether the key is there, be its value null or not. */
    public boolean has(String key) {
        asked.add(key);
        return object.has(key);
    }

    /** Whether the key is there with the value null: in a merge patch, the wish to remove it. */
    public boolean hasNull(String key) {
        asked.add(key);
        JsonNode value = object.get(key);
        return value != null && value.isNull();
    }

    /** A text that must be there, of 1 to {@code maxChars} characters. */
    public String requiredText(String key, int maxChars) {
        String text = text(key, maxChars);
        if (text == null) {
            missing(key);
            return "";
        }
        if (text.isBlank()) {
            fault(key, "must not be blank");
        }
        return text;
    }

    /** A text of a pattern that must be there. */
    public String requiredText(String key, Pattern pattern, String rule) {
        String text = text(key, Integer.MAX_VALUE);
        if (text == null) {
            missing(key);
            return "";
        }
        if (!pattern.matcher(text).matches()) {
            fault(key, rule);
        }
        return text;
    }

    /** A text, or null if it is not there or is null. */
    public @Nullable String text(String key, int maxChars) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            fault(key, "must be a string");
            return null;
        }
        String text = value.stringValue();
        if (text.codePointCount(0, text.length()) > maxChars) {
            fault(key, "must have at most " + maxChars + " characters");
        } else if (text.chars().anyMatch(Character::isISOControl)) {
            fault(key, "must have no control characters");
        }
        return text;
    }

    /** A whole number between two bounds, or null if it is not there or is null. */
    public @Nullable Long whole(String key, long min, long max) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            fault(key, "must be a whole number from " + min + " to " + max);
            return null;
        }
        return value.longValue();
    }

    /** One of a few words, or null if it is not there or is null. */
    public <T extends Enum<T>> @Nullable T choice(String key, Class<T> words, Function<T, String> wireName) {
        String text = text(key, Integer.MAX_VALUE);
        if (text == null) {
            return null;
        }
        List<String> known = new ArrayList<>();
        for (T word : words.getEnumConstants()) {
            if (wireName.apply(word).equals(text)) {
                return word;
            }
            known.add(wireName.apply(word));
        }
        fault(key, "must be one of " + String.join(", ", known));
        return null;
    }

    /** A moment (RFC 3339), or null if it is not there or is null. */
    public @Nullable Instant instant(String key) {
        String text = text(key, Integer.MAX_VALUE);
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            fault(key, "must be a time such as 2027-01-31T12:00:00Z (RFC 3339)");
            return null;
        }
    }

    /** A list of texts, or null if it is not there or is null. */
    public @Nullable List<String> texts(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isArray()) {
            fault(key, "must be an array of strings");
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            JsonNode element = value.get(i);
            if (element.isString()) {
                texts.add(element.stringValue());
            } else {
                fault(key, i, "must be a string");
                texts.add("");
            }
        }
        return texts;
    }

    /** A nested object, or null if it is not there or is null. */
    public @Nullable Form object(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (value instanceof ObjectNode inner) {
            Form form = new Form(inner, pointerTo(key), faults);
            nested.add(form);
            return form;
        }
        fault(key, "must be an object");
        return null;
    }

    /** Says that a field must be there, unless something else is wrong with it. */
    public void missing(String key) {
        if (hasNull(key)) {
            fault(key, "must not be null");
        } else if (!object.has(key)) {
            fault(key, "is required");
        }
    }

    /** Says what is wrong with a field. */
    public void fault(String key, String detail) {
        add(new Fault(pointerTo(key), detail));
    }

    /** Says what is wrong with an element of a list. */
    public void fault(String key, int index, String detail) {
        add(new Fault(pointerTo(key) + "/" + index, detail));
    }

    private void add(Fault fault) {
        if (faults.size() < MAX_FAULTS) {
            faults.add(fault);
        }
    }

    /**
     * Ends the reading.
     *
     * @throws ProblemException {@code invalid-request} with every fault, if there is one
     */
    public void check() {
        checkKeys();
        if (!faults.isEmpty()) {
            throw new ProblemException(invalid(faults));
        }
    }

    /** The problem that tells of one fault outside of a body: {@code pointer} then names a parameter or header. */
    public static Problem invalid(String pointer, String detail) {
        return invalid(List.of(new Fault(pointer, detail)));
    }

    private static Problem invalid(List<Fault> faults) {
        Fault first = faults.getFirst();
        String where = first.pointer().isEmpty() ? "The body" : first.pointer();
        String more = faults.size() == 1 ? "." : "; and " + (faults.size() - 1) + " more in \"errors\".";
        return Problem.of(ProblemCode.INVALID_REQUEST, where + " " + first.detail() + more)
                .with("errors", List.copyOf(faults));
    }

    private void checkKeys() {
        for (String key : object.propertyNames()) {
            if (!asked.contains(key)) {
                fault(key, "is not known here; known are " + String.join(", ", asked));
            }
        }
        nested.forEach(Form::checkKeys);
    }

    private @Nullable JsonNode value(String key) {
        asked.add(key);
        JsonNode value = object.get(key);
        return value == null || value.isNull() ? null : value;
    }

    private String pointerTo(String key) {
        return pointer + "/" + key.replace("~", "~0").replace("/", "~1");
    }
}
