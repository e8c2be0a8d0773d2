package org.svos.telemetry.gateway.settings;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells which file of an SSL bundle is at fault: Spring itself gives the bundle's name only, and a stack trace. */
final class SslBundleFaultAnalyzer extends AbstractFailureAnalyzer<IllegalStateException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, IllegalStateException cause) {
        String problem = String.valueOf(cause.getMessage());
        if (!problem.startsWith("Unable to register SSL bundle")) {
            return null;
        }
        Throwable innermost = cause;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return new FailureAnalysis(
                problem + ": " + innermost.getMessage() + ".",
                "Mend the files that spring.ssl.bundle.* names; of the bundle \"lantern-rock\" these are"
                        + " TELEMETRY_LANTERN_ROCK_CA_FILE, TELEMETRY_LANTERN_ROCK_CERTIFICATE_FILE and"
                        + " TELEMETRY_LANTERN_ROCK_KEY_FILE.",
                cause);
    }
}
