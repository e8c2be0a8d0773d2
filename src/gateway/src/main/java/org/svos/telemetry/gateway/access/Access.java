package org.svos.telemetry.gateway.access;

import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;
import org.svos.telemetry.gateway.access.Authentication.Unauthenticated;

/**
 * Tells who calls, from memory alone. All tokens in force are there, so an unknown one costs a hash and a miss, and nothing is
 * remembered of it: strangers cannot make this grow.
 */
public final class Access {

    private static final String SCHEME = "Bearer ";

    private static final Unauthenticated NO_TOKEN =
            new Unauthenticated("The request has no token. Send it as \"Authorization: Bearer <token>\".");

    private static final Unauthenticated BAD_TOKEN =
            new Unauthenticated("The token is unknown, expired or revoked. Ask the database's owner for a new one.");

    private final InstantSource clock;
    private final TokenHash adminToken;
    private final Authenticated admin = new Authenticated(new Caller.Admin("admin"));
    private final Tokens tokens;

    Access(InstantSource clock, String adminToken, Tokens tokens) {
        this.clock = clock;
        this.adminToken = TokenHash.of(adminToken);
        this.tokens = tokens;
    }

    /**
     * Who sends this.
     *
     * @param authorization the header as it came
     */
    public Authentication authenticate(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return NO_TOKEN;
        }
        TokenHash hash = TokenHash.of(authorization.substring(SCHEME.length()).strip());
        if (hash.equals(adminToken)) {
            return admin;
        }
        LiveToken token = tokens.live(hash);
        long now = clock.millis();
        if (token == null || token.expiredAt(now)) {
            return BAD_TOKEN;
        }
        token.usedAt(now);
        return token.authenticated();
    }
}
