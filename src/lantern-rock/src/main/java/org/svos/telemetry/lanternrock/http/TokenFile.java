package org.svos.telemetry.lanternrock.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** A bearer token in a file that may be replaced at any time. It never shows in a message. */
final class TokenFile {

    private record Seen(FileTime changed, long size, Object fileKey, String authorization) {}

    private final Path path;
    private volatile @Nullable Seen seen;

    TokenFile(Path path) {
        this.path = path;
    }

    /**
     * The value of the {@code Authorization} header, from the file as it is now.
     *
     * @throws IOException if the file cannot be read or holds no token
     */
    String authorization() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        Object fileKey = now.fileKey() == null ? path : now.fileKey();
        Seen last = seen;
        if (last != null
                && last.changed.equals(now.lastModifiedTime())
                && last.size == now.size()
                && last.fileKey.equals(fileKey)) {
            return last.authorization;
        }
        String token = Files.readString(path).strip();
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IOException("the token file " + path + " must hold one token of visible ASCII characters");
        }
        String authorization = "Bearer " + token;
        seen = new Seen(now.lastModifiedTime(), now.size(), fileKey, authorization);
        return authorization;
    }
}
