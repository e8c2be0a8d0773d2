package org.svos.telemetry.event;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A text as a reader sees it that takes nothing but strict JSON, and no key twice.
 *
 * @param isObject whether it is an object, and nothing after it
 * @param depth how deep it is nested
 * @param tokens in their order, each text as it can be written in UTF-8
 */
record StrictJson(boolean isObject, int depth, List<String> tokens) {

    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final StrictJson NONE = new StrictJson(false, 0, List.of());

    static StrictJson read(String text) {
        try (JsonParser parser = STRICT.createParser(ObjectReadContext.empty(), text)) {
            boolean object = parser.nextToken() == JsonToken.START_OBJECT;
            int depth = 0;
            int ends = 0;
            List<String> tokens = new ArrayList<>();
            for (JsonToken token = parser.currentToken(); token != null; token = parser.nextToken()) {
                depth = Math.max(depth, parser.streamReadContext().getNestingDepth());
                tokens.add(token + " " + Unicode.writable(String.valueOf(parser.getString())));
                ends += parser.streamReadContext().inRoot() ? 1 : 0;
            }
            return new StrictJson(object && ends == 1, depth, tokens);
        } catch (JacksonException e) {
            return NONE;
        }
    }
}
