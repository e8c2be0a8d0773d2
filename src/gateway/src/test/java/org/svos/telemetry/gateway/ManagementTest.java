package org.svos.telemetry.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What is served without a token: health, metrics and info on the management port, two probes on the API's. */
@ExtendWith(SharedGateway.class)
class ManagementTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"/actuator/health", "/actuator/health/readiness", "/actuator/health/liveness", "/actuator/info"})
    void theManagementPortAnswers(String path, RunningGateway gateway) {
        assertThat(gateway.manage(path).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/actuator", "/actuator/env", "/actuator/metrics", "/actuator/shutdown", "/v3/api-docs", "/"})
    void andHasNothingElse(String path, RunningGateway gateway) {
        assertThat(gateway.manage(path).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz"})
    void theApiPortHasTheProbes(String path, RunningGateway gateway) {
        assertThat(gateway.call(null, "GET", path, null).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/prometheus"})
    void andNothingElseOfIt(String path, RunningGateway gateway) {
        assertThat(gateway.call(null, "GET", path, null).status()).isEqualTo(404);
    }

    @Test
    void readinessLooksAtTheStoreAndNotAtLanternRock(RunningGateway gateway) {
        JsonNode components = gateway.call(null, "GET", "/readyz", null).json().get("components");

        assertThat(components.propertyNames()).containsExactlyInAnyOrder("readinessState", "store", "spool");
    }

    /** The contract's names. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "telemetry_events_total",
                "telemetry_bytes_total",
                "telemetry_admission_seconds_bucket",
                "telemetry_quota_decisions_total",
                "telemetry_quota_day_used_ratio",
                "telemetry_quota_near_limit_databases",
                "telemetry_spool_events",
                "telemetry_spool_bytes",
                "telemetry_spool_oldest_age_seconds",
                "telemetry_upstream_requests_total",
                "telemetry_upstream_seconds_bucket",
                "telemetry_upstream_circuit_state",
                "telemetry_dead_letters",
                "telemetry_silent_hosts",
                "telemetry_host_lost_events_total",
                "telemetry_sequence_gap_events_total",
                "telemetry_ledger_imbalance_events",
            })
    void everyMetricIsThere(String name, RunningGateway gateway) {
        assertThat(gateway.manage("/actuator/prometheus").body().lines())
                .anyMatch(line -> line.startsWith(name + " ") || line.startsWith(name + "{"));
    }
}
