package org.svos.telemetry.gateway.openapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Swagger's model of JSON schemas and contents, from JSON. */
final class Schemas {

    private Schemas() {}

    static Schema<?> of(Map<String, Object> schema) {
        return of(JsonMapper.shared().writeValueAsString(schema));
    }

    static Schema<?> of(String schema) {
        try {
            return Json31.mapper().readValue(schema, Schema.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON schema: " + schema, e);
        }
    }

    static Content content(String type, Schema<?> schema, String example) {
        MediaType media = new MediaType().schema(schema);
        if (!example.isEmpty()) {
            boolean isJson = type.endsWith("json");
            media.example(isJson ? JsonMapper.shared().readValue(example, Object.class) : example);
        }
        return new Content().addMediaType(type, media);
    }
}
