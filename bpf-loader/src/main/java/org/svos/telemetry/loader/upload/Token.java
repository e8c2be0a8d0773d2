package org.svos.telemetry.loader.upload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The token in its file, which may be rotated while the loader runs. */
final class Token {

    private final Path file;
    private @Nullable String value;

    Token(Path file) {
        this.file = file;
    }

    /** The token, read from the file if it is not known; null if it cannot be read. */
    synchronized @Nullable String value() {
        if (value == null) {
            value = read();
        }
        return value;
    }

    /** Reads the file again after the gateway refused that token; whether there is another now. */
    synchronized boolean isReplaced(@Nullable String refused) {
        value = read();
        return value != null && !value.equals(refused);
    }

    private @Nullable String read() {
        try {
            String text = Files.readString(file).strip();
            // What a header cannot hold is no token.
            return text.matches("[\\x21-\\x7E]+") ? text : null;
        } catch (IOException e) {
            return null;
        }
    }

    Path file() {
        return file;
    }
}
