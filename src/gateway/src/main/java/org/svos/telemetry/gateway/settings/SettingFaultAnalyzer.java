package org.svos.telemetry.gateway.settings;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells a fault in a setting in two paragraphs instead of a stack trace. */
final class SettingFaultAnalyzer extends AbstractFailureAnalyzer<SettingFault> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SettingFault cause) {
        return new FailureAnalysis(cause.getMessage(), cause.remedy(), cause);
    }
}
