package org.svos.telemetry.gateway.store;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells why the store cannot be opened without a stack trace; what to do is part of the message. */
final class StoreStartAnalyzer extends AbstractFailureAnalyzer<StoreStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, StoreStartException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
