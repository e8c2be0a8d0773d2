package org.svos.telemetry.gateway;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds what a gateway answers against what its {@code /v3/api-docs} says that it may: the status, the type, the body, and of what
 * was taken the request's body too.
 */
public final class Conformance {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    private final JsonNode document;
    private final List<Described> calls = new ArrayList<>();
    private final Map<String, Schema> compiled = new ConcurrentHashMap<>();

    private record Described(String method, Pattern path, JsonNode operation) {}

    /** By that document. */
    public Conformance(JsonNode document) {
        this.document = document;
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            // One that is spelled out goes before one with a variable in the same place.
            Pattern pattern = Pattern.compile(path.getKey().replaceAll("\\{[^}]*}", "[^/]+"));
            for (Map.Entry<String, JsonNode> call : path.getValue().properties()) {
                Described described = new Described(call.getKey(), pattern, call.getValue());
                calls.add(path.getKey().endsWith("}") ? calls.size() : 0, described);
            }
        }
    }

    /** What is wrong with an answer; nothing if it conforms. */
    public List<String> faults(
            String method, String path, @Nullable String sent, int status, String type, String body) {
        String bare = path.contains("?") ? path.substring(0, path.indexOf('?')) : path;
        if (!bare.startsWith("/api/")) {
            return List.of();
        }
        List<Described> onPath =
                calls.stream().filter(call -> call.path.matcher(bare).matches()).toList();
        JsonNode operation = onPath.stream()
                .filter(call -> call.method.equalsIgnoreCase(method))
                .map(Described::operation)
                .findFirst()
                .orElse(null);
        if (operation == null) {
            // There is no such call, so all that it can come to is a problem.
            boolean refused = status == (onPath.isEmpty() ? 404 : 405) || status == 401 || status == 400;
            List<String> faults = new ArrayList<>(problem(type, body));
            if (!refused) {
                faults.add(method + " " + bare + " is not described, and answers " + status);
            }
            return faults;
        }
        JsonNode answer = operation.get("responses").get(Integer.toString(status));
        if (answer == null) {
            return List.of(method + " " + bare + ": the status " + status + " is not described: " + body);
        }
        List<String> faults = new ArrayList<>(ofContent(answer.get("content"), type, body));
        if (status < 300 && sent != null && operation.has("requestBody")) {
            faults.addAll(ofContent(operation.get("requestBody").get("content"), "application/json", sent));
        }
        return faults;
    }

    private List<String> problem(String type, String body) {
        ObjectNode content = JSON.createObjectNode();
        content.putObject("application/problem+json").putObject("schema").put("$ref", "#/components/schemas/Problem");
        return ofContent(content, type, body);
    }

    private List<String> ofContent(@Nullable JsonNode content, String type, String body) {
        if (content == null) {
            return body.isEmpty() ? List.of() : List.of("no body is described, and there is one: " + body);
        }
        String bare = type.contains(";") ? type.substring(0, type.indexOf(';')) : type;
        JsonNode media = content.get(bare);
        if (media == null) {
            return List.of("the type " + type + " is not described: " + content.propertyNames());
        }
        return bare.endsWith("json") ? faults(media.get("schema"), JSON.readTree(body)) : List.of();
    }

    /** What is wrong with a value by a schema of the document. */
    public List<String> faults(JsonNode schema, JsonNode value) {
        return compiled
                .computeIfAbsent(schema.toString(), _ -> SCHEMAS.getSchema(standing(schema)))
                .validate(value)
                .stream()
                .map(fault -> fault + " in " + value)
                .toList();
    }

    private ObjectNode standing(JsonNode schema) {
        ObjectNode root = JSON.createObjectNode();
        root.putArray("allOf").add(schema);
        root.set("components", document.get("components"));
        return root;
    }
}
