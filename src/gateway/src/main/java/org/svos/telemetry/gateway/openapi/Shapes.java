package org.svos.telemetry.gateway.openapi;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.rest.Page;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON schemas of the records that calls answer with, made of the records themselves: a component is a property, required
 * unless it is left out where it is null, and of the type null too where it is {@link Nullable}. There are no other properties.
 */
final class Shapes {

    private static final String REF = "#/components/schemas/";

    private final JsonMapper json;
    private final Map<String, Map<String, Object>> named = new TreeMap<>();

    /** Shapes as that mapper writes them. */
    Shapes(JsonMapper json) {
        this.json = json;
    }

    /** The records that were met, by their names. */
    Map<String, Map<String, Object>> named() {
        return named;
    }

    /** The schema of a type. */
    Map<String, Object> of(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] of = generic.getActualTypeArguments();
            if (generic.getRawType() == Page.class) {
                return object(
                        Map.of("items", list(of(of[0])), "next", Map.of("type", List.of("string", "null"))),
                        List.of("items", "next"));
            }
            if (generic.getRawType() == List.class) {
                return list(of(of[0]));
            }
            if (generic.getRawType() == Map.class && of[0] == String.class) {
                return Map.of("type", "object", "additionalProperties", of(of[1]));
            }
        }
        if (type instanceof Class<?> one) {
            return ofClass(one);
        }
        throw new IllegalArgumentException("no schema is known for " + type);
    }

    private Map<String, Object> ofClass(Class<?> type) {
        if (type.isRecord()) {
            String name = name(type);
            if (!named.containsKey(name)) {
                named.put(name, Map.of()); // one that holds itself
                named.put(name, record(type));
            }
            return Map.of("$ref", REF + name);
        }
        if (type.isEnum()) {
            return Map.of("type", "string", "enum", words(type));
        }
        if (type == String.class) {
            return Map.of("type", "string");
        }
        if (type == Instant.class) {
            return Map.of("type", "string", "format", "date-time");
        }
        if (type == Duration.class) {
            return Map.of("type", "string", "format", "duration");
        }
        if (type == boolean.class || type == Boolean.class) {
            return Map.of("type", "boolean");
        }
        if (List.of(int.class, long.class, Integer.class, Long.class).contains(type)) {
            return Map.of("type", "integer");
        }
        throw new IllegalArgumentException("no schema is known for " + type);
    }

    private Map<String, Object> record(Class<?> type) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            AnnotatedElement accessor = component.getAccessor();
            if (accessor.isAnnotationPresent(JsonIgnore.class)) {
                continue;
            }
            JsonInclude include = accessor.getAnnotation(JsonInclude.class);
            boolean leftOut = include != null && include.value() == JsonInclude.Include.NON_NULL;
            Map<String, Object> schema = accessor.isAnnotationPresent(JsonRawValue.class)
                    ? Map.of("type", "object")
                    : of(component.getGenericType());
            boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            properties.put(component.getName(), nullable && !leftOut ? orNull(schema) : schema);
            if (!leftOut) {
                required.add(component.getName());
            }
        }
        return object(properties, required);
    }

    private static Map<String, Object> object(Map<String, Object> properties, List<String> required) {
        return Map.of(
                "type",
                "object",
                "properties",
                new TreeMap<>(properties),
                "required",
                required,
                "additionalProperties",
                false);
    }

    private static Map<String, Object> list(Map<String, Object> items) {
        return Map.of("type", "array", "items", items);
    }

    private static Map<String, Object> orNull(Map<String, Object> schema) {
        return Map.of("anyOf", List.of(schema, Map.of("type", "null")));
    }

    private List<Object> words(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> json.convertValue(constant, Object.class))
                .toList();
    }

    /** {@code Diagnosis.Host} is DiagnosisHost, and {@code UsageApi.Series} UsageSeries. */
    private static String name(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return outer == null ? type.getSimpleName() : name(outer).replaceAll("Api$", "") + type.getSimpleName();
    }
}
