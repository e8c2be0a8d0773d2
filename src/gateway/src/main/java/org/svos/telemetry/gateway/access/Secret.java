package org.svos.telemetry.gateway.access;

import java.security.SecureRandom;
import java.util.Base64;

/** What a bearer sends: {@code kt_} and 256 random bits in URL-safe Base64, 46 characters. */
final class Secret {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 32;

    private Secret() {}

    static String random() {
        byte[] bits = new byte[BYTES];
        RANDOM.nextBytes(bits);
        return "kt_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }
}
