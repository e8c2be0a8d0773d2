package org.svos.telemetry.lanternrock.http;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** A bearer token in a file that may be replaced at any time. It never shows in a message. */
final class TokenFile {

    private record Seen(FileTime changed, long size, Object fileKey, String token) {}

    private final Path path;
    private volatile @Nullable Seen seen;

    TokenFile(Path path) {
        this.path = path;
    }

    /**
     * The token, from the file as it is now. The file is read when it looks changed: by its time, its size or its inode.
     *
     * @throws IOException if the file cannot be read or holds no token
     */
    String token() throws IOException {
        return token(false);
    }

    /**
     * The token, from the file as it is now, however it looks: one that was overwritten by another of the same length within a
     * tick of the file system's clock looks as before.
     *
     * @throws IOException if the file cannot be read or holds no token
     */
    String tokenReadAgain() throws IOException {
        return token(true);
    }

    private String token(boolean isReadAgain) throws IOException {
        BasicFileAttributes now;
        String content;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class);
            Seen last = seen;
            if (!isReadAgain && last != null && isAsSeen(last, now)) {
                return last.token;
            }
            content = Files.readString(path);
        } catch (NoSuchFileException e) {
            throw new IOException("the token file " + path + " is not there", e);
        } catch (CharacterCodingException e) {
            throw noToken(e);
        } catch (IOException e) {
            throw new IOException("the token file " + path + " cannot be read: " + e.getMessage(), e);
        }
        String token = content.strip();
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw noToken(null);
        }
        seen = new Seen(now.lastModifiedTime(), now.size(), fileKey(now), token);
        return token;
    }

    private boolean isAsSeen(Seen last, BasicFileAttributes now) {
        return last.changed.equals(now.lastModifiedTime())
                && last.size == now.size()
                && last.fileKey.equals(fileKey(now));
    }

    private Object fileKey(BasicFileAttributes attributes) {
        return attributes.fileKey() == null ? path : attributes.fileKey();
    }

    private IOException noToken(@Nullable Exception cause) {
        return new IOException("the token file " + path + " must hold one token of visible ASCII characters", cause);
    }
}
