package org.svos.telemetry.loader.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Settings as text, by their keys with dots, each with the place that it comes from. */
final class Settings {

    static final String VARIABLES = "TELEMETRY_HOST_";

    private final Map<String, Setting> settings = new LinkedHashMap<>();

    /**
     * A value and its place.
     *
     * @param value of a list: its items, with commas between
     * @param items of a list; null of a single value
     */
    record Setting(String value, String place, @Nullable List<String> items) {

        Setting(String value, String place) {
            this(value, place, null);
        }
    }

    /** The settings of a YAML file. */
    static Settings parse(String yaml, String file) throws ConfigFault {
        Settings settings = new Settings();
        try {
            Node root = new Compose(LoadSettings.builder().setLabel(file).build())
                    .composeString(yaml)
                    .orElse(null);
            if (root != null) {
                settings.add("", root, file);
            }
        } catch (YamlEngineException e) {
            throw new ConfigFault("the settings are no YAML: " + e.getMessage());
        }
        return settings;
    }

    private void add(String prefix, Node node, String file) throws ConfigFault {
        String place = file + node.getStartMark().map(Settings::line).orElse("");
        if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                String key = ((ScalarNode) entry.getKeyNode()).getValue();
                add(prefix.isEmpty() ? key : prefix + "." + key, entry.getValueNode(), file);
            }
        } else if (node instanceof ScalarNode scalar && !prefix.isEmpty()) {
            String value = scalar.getValue().equals("null") || scalar.getValue().equals("~") ? "" : scalar.getValue();
            settings.put(prefix, new Setting(value.strip(), place));
        } else if (node instanceof SequenceNode sequence && !prefix.isEmpty()) {
            List<String> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                if (!(item instanceof ScalarNode scalar)) {
                    throw new ConfigFault(place + ": " + prefix + " holds something else than single values");
                }
                items.add(scalar.getValue().strip());
            }
            settings.put(prefix, new Setting(String.join(", ", items), place, items));
        } else {
            throw new ConfigFault(place + ": no keys found; see the example in the packaged config.yaml");
        }
    }

    private static String line(Mark mark) {
        return " line " + (mark.getLine() + 1);
    }

    /** Lays other settings over these, which know every key there is. */
    void overlay(Settings over) throws ConfigFault {
        for (Map.Entry<String, Setting> entry : over.settings.entrySet()) {
            String key = entry.getKey();
            boolean emptySection = entry.getValue().value().isEmpty()
                    && settings.keySet().stream().anyMatch(known -> known.startsWith(key + "."));
            if (emptySection) {
                continue;
            }
            if (!settings.containsKey(key)) {
                throw new ConfigFault(entry.getValue().place() + ": there is no setting " + key + hint(key));
            }
            settings.put(key, entry.getValue());
        }
    }

    /** Lays environment variables over these. One that names no setting is somebody else's. */
    void overlay(Map<String, String> environment) {
        for (Map.Entry<String, Setting> entry : settings.entrySet()) {
            String variable = variable(entry.getKey());
            String value = environment.get(variable);
            if (value != null) {
                entry.setValue(new Setting(value.strip(), "the environment variable " + variable));
            }
        }
    }

    /** gateway.connectTimeout: TELEMETRY_HOST_GATEWAY_CONNECT_TIMEOUT. */
    static String variable(String key) {
        String words = key.replace('.', '_').replaceAll("([a-z])([A-Z])", "$1_$2");
        return VARIABLES + words.toUpperCase(Locale.ROOT);
    }

    Setting get(String key) {
        Setting setting = settings.get(key);
        if (setting == null) {
            throw new IllegalStateException("the packaged config.yaml lacks " + key);
        }
        return setting;
    }

    /** Every key's value. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        settings.forEach((key, setting) -> values.put(key, setting.value()));
        return values;
    }

    private String hint(String key) {
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String known : settings.keySet()) {
            int distance = distance(key.toLowerCase(Locale.ROOT), known.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                nearest = known;
            }
        }
        boolean near = nearest != null && least <= Math.max(2, key.length() / 3);
        return near ? "; did you mean " + nearest + "?" : "; there are " + String.join(", ", settings.keySet());
    }

    /** Levenshtein's: the fewest characters to insert, delete or change that make one text of the other. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
