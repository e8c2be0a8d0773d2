package org.svos.telemetry.lanternrock;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code openapi.yaml}, to hold bodies against. */
public final class OpenApi {

    private static final JsonMapper JSON = new JsonMapper();
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    private final JsonNode description;

    public OpenApi() {
        try (InputStream yaml = LanternRock.class.getResourceAsStream("openapi.yaml")) {
            description = new YAMLMapper().readTree(Objects.requireNonNull(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public JsonNode description() {
        return description;
    }

    /** What is wrong with a body by one of the components' schemas; nothing if it conforms. */
    public List<String> faults(String schema, String body) {
        ObjectNode root = JSON.createObjectNode();
        root.put("$ref", "#/components/schemas/" + schema);
        root.set("components", description.get("components"));
        Schema checked = SCHEMAS.getSchema(root);
        return checked.validate(JSON.readTree(body)).stream()
                .map(Object::toString)
                .toList();
    }
}
