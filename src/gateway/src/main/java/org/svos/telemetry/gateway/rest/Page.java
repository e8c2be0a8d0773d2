package org.svos.telemetry.gateway.rest;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Part of a list.
 *
 * @param next the cursor of the part that follows, or null if this was the last
 */
public record Page<T>(List<T> items, @Nullable String next) {

    /**
     * Which part is asked for. What a list is ordered by is its key, and a cursor is the key of the last item that was told:
     * so items that come and go in between neither repeat others nor hide them.
     *
     * @param after the key of the last item told before, or null for the first part
     */
    public record Request(int limit, @Nullable String after) {

        /** How many to read in order to know whether more follow: one more than are told. */
        public int readLimit() {
            return limit + 1;
        }

        /**
         * The page of what was read.
         *
         * @param read up to {@link #readLimit} items from after the cursor on
         * @param key what the list is ordered by
         */
        public <T> Page<T> page(List<T> read, Function<T, String> key) {
            if (read.size() <= limit) {
                return new Page<>(read, null);
            }
            List<T> items = List.copyOf(read.subList(0, limit));
            return new Page<>(items, cursor(key.apply(items.getLast())));
        }

        private static String cursor(String key) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(StandardCharsets.UTF_8));
        }
    }
}
