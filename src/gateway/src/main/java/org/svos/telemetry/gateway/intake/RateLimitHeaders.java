package org.svos.telemetry.gateway.intake;

import jakarta.servlet.http.HttpServletResponse;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.Standing;

/**
 * The quota in the headers of draft-ietf-httpapi-ratelimit-headers:
 *
 * <pre>
 * RateLimit-Policy: "day";q=10485760;w=86400;qu="content-bytes", "rate";q=10000;w=10;qu="events"
 * RateLimit:        "day";r=bytes left;t=seconds until midnight UTC, "rate";r=events left;t=seconds until full
 * </pre>
 *
 * The rate's window is the time that fills its bucket: burst over events a second, rounded up.
 */
final class RateLimitHeaders {

    private static final int DAY_SECONDS = 86_400;

    private RateLimitHeaders() {}

    static void write(Standing standing, HttpServletResponse response) {
        response.setHeader("RateLimit-Policy", policy(standing.quota()));
        response.setHeader("RateLimit", left(standing));
    }

    static Problem add(Standing standing, Problem problem) {
        return problem.withHeader("RateLimit-Policy", policy(standing.quota())).withHeader("RateLimit", left(standing));
    }

    private static String policy(Quota quota) {
        return "\"day\";q=" + quota.bytesPerDay() + ";w=" + DAY_SECONDS + ";qu=\"content-bytes\", \"rate\";q="
                + quota.burst() + ";w=" + Math.ceilDiv(quota.burst(), Math.max(1, quota.eventsPerSecond()))
                + ";qu=\"events\"";
    }

    private static String left(Standing standing) {
        return "\"day\";r=" + standing.dayLeft() + ";t=" + standing.dayResetSeconds() + ", \"rate\";r="
                + standing.rateLeft() + ";t=" + standing.rateResetSeconds();
    }
}
