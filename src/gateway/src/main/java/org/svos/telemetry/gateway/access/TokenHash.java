package org.svos.telemetry.gateway.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The SHA-256 of a token's secret: all that is ever kept of it. */
final class TokenHash {

    private final byte[] bytes;

    private TokenHash(byte[] bytes) {
        this.bytes = bytes;
    }

    static TokenHash of(String secret) {
        try {
            return new TokenHash(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static TokenHash ofStored(byte[] bytes) {
        return new TokenHash(bytes.clone());
    }

    byte[] toBytes() {
        return bytes.clone();
    }

    /** Takes the same time wherever the two differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TokenHash that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.length < Integer.BYTES
                ? Arrays.hashCode(bytes)
                : ByteBuffer.wrap(bytes).getInt();
    }
}
