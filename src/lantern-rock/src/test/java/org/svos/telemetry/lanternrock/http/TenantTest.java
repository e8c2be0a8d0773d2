package org.svos.telemetry.lanternrock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TenantTest {

    @Test
    void theDatabasesNameStandsWhereItIsAskedFor() {
        assertThat(new Tenant("X-Scope-OrgID", "{database}").of("lab")).isEqualTo("lab");
        assertThat(new Tenant("X-Scope-OrgID", "a-{database}-b").of("lab")).isEqualTo("a-lab-b");
        assertThat(new Tenant("X-Scope-OrgID", "ours").of("lab")).isEqualTo("ours");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "X Scope", "X:", "X\n", "ü", "Authorization", "idempotency-key", "Content-Length"})
    void aHeaderThatIsNoneOrIsTheProtocolsOwnIsRefused(String header) {
        assertThatThrownBy(() -> new Tenant(header, "ours")).hasMessageContaining("X-Scope-OrgID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\r\nX-Other: b", " a", "a ", "ü"})
    void aValueThatNoHeaderCanHaveIsRefused(String value) {
        assertThatThrownBy(() -> new Tenant("X-Scope-OrgID", value)).hasMessageContaining("visible ASCII");
    }
}
