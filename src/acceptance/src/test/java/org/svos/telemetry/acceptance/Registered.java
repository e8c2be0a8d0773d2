package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** A registered database with one sandbox and the secret of a token that may post for it. */
record Registered(Api api, String database, String sandbox, String secret) {

    String url() {
        return api.url() + "/api/v1/sandboxes/" + sandbox + "/batches";
    }

    /** Posts a body under a key of its own. */
    Http.Answer post(String body) {
        return post(UUID.randomUUID().toString(), body);
    }

    Http.Answer post(String key, String body) {
        return Http.post(url(), headers(secret, key), body);
    }

    static Map<String, String> headers(String secret, String key) {
        return Map.of(
                "Authorization", "Bearer " + secret,
                "Content-Type", "application/json",
                "Idempotency-Key", "\"" + key + "\"");
    }

    /** Writes the token where a host loader reads it: a file that only its owner can read. */
    Path writeToken(Path folder) {
        Path file = folder.resolve(database + ".token");
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, secret);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A batch of messages, numbered from {@code first}. */
    static String messages(long first, int count) {
        return LongStream.range(first, first + count)
                .mapToObj(seq -> """
                        {"seq": %d, "kind": "message", "name": "loaded", "time": "2026-11-22T09:31:00.123456789Z", \
                        "payload": "{ number: %d }"}""".formatted(seq, seq))
                .collect(Collectors.joining(", ", "{\"events\": [", "]}"));
    }
}
